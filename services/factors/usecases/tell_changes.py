"""Telling the other services what a transaction has changed in the catalogue."""

from datetime import datetime

from contracts.topics import FACTOR
from kernel import outbox
from kernel.database import Session
from services.factors import tables
from services.factors.domain.publication import WAS_PUBLISHED, factor_published
from services.factors.store import packs
from services.factors.store.catalogue import read_datasets, stored_factor
from services.factors.store.own_factors import quality_scores


async def tell_changed_factors(session: Session, now: datetime) -> None:
    """Say each factor that was stamped with `now`; what is only proposed, or was rejected, concerns nobody else."""
    changed = [stored_factor(row) for row in await packs.changed(session, tables.Factor, now)]
    datasets, scores = await read_datasets(session), await quality_scores(session)
    for stored in changed:
        if stored.state in WAS_PUBLISHED:
            outbox.record(session, FACTOR.name, stored.factor.id, factor_published(stored, datasets, scores.get(stored.factor.id)))

"""Telling the other services what a transaction has changed in the catalogue."""

from datetime import datetime

from contracts.topics import FACTOR
from kernel import outbox
from kernel.database import Session
from services.factors.domain.publication import factor_published
from services.factors.store.catalogue import read_datasets
from services.factors.store.own_factors import quality_scores
from services.factors.store.packs import changed_factors


async def tell_changed_factors(session: Session, now: datetime) -> None:
    """Say each factor that was stamped with `now`; what is only proposed, or was rejected, concerns nobody else."""
    datasets, scores = await read_datasets(session), await quality_scores(session)
    async for page in changed_factors(session, now):
        for record in page:
            outbox.record(session, FACTOR.name, record["id"], factor_published(record, datasets, scores.get(record["id"])))
        await outbox.flush(session)  # a pack's twenty thousand events would fill the memory

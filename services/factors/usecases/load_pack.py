"""Having the shipped factor pack in the tables, and telling the other services what is new."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import structlog

from contracts.events import ActivityTypePublished, DatasetPublished
from contracts.topics import ACTIVITY_TYPE, DATASET
from kernel import outbox
from kernel.database import Database, Session
from services.factors.catalogue.pack_model import Dataset
from services.factors.catalogue.pack_reader import MANIFEST, PackFolder, open_pack
from services.factors.domain.own_factors import OWN_DATASET
from services.factors.domain.provenance import citation
from services.factors.domain.succession import succession
from services.factors.store import packs
from services.factors.store.catalogue import read_datasets
from services.factors.store.search_index import forget_entries_of, index_factors
from services.factors.usecases.tell_changes import tell_changed_factors

log = structlog.get_logger()


def pack_version(folder: Path) -> str:
    """The version of a pack: the SHA-256 of its manifest, which holds those of its files."""
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


async def load_pack(database: Database, folder: Path) -> None:
    """Load the pack in a folder unless it is loaded already; all of it in one transaction, so that a killed start leaves nothing half."""
    version = pack_version(folder)
    async with database.unit_of_work() as session:
        if await packs.is_loaded(session, version):
            return
    pack = open_pack(folder)
    async with database.unit_of_work() as session:
        now = await packs.lock_catalogue(session)
        if not await packs.is_loaded(session, version):  # another replica may have been faster
            await _save(session, pack, now)
            await packs.mark_loaded(session, version, now)
            log.info("factor_pack_loaded", version=version)


async def _save(session: Session, pack: PackFolder, now: datetime) -> None:
    datasets = pack.datasets()
    cited_otherwise = _cited_otherwise(await read_datasets(session), datasets)
    saved_datasets = await packs.save_datasets(session, [*datasets, OWN_DATASET], now)
    for row in saved_datasets:
        outbox.record(session, DATASET.name, row["id"], DatasetPublished.model_validate(row))
    saved_activity_types = await packs.save_activity_types(session, pack.activity_types(), now)
    for row in saved_activity_types:
        outbox.record(session, ACTIVITY_TYPE.name, row["id"], ActivityTypePublished.model_validate(row))
    await forget_entries_of(session, [row["id"] for row in saved_datasets], [row["id"] for row in saved_activity_types])
    await packs.replace_excluded_rows(session, datasets, pack.excluded_row_records())
    await packs.replace_properties(session, pack.properties())
    await packs.raise_versions_of_factors_citing(session, cited_otherwise, now)  # what is told of a factor quotes them
    await _save_factors(session, pack, {dataset.id for dataset in datasets}, now)


def _cited_otherwise(stored: Mapping[str, Dataset], datasets: Iterable[Dataset]) -> list[str]:
    """The data sets that a pack cites in other words than those before it."""
    return [one.id for one in datasets if one.id in stored and citation(stored[one.id]) != citation(one)]


async def _save_factors(session: Session, pack: PackFolder, datasets: set[str], now: datetime) -> None:
    stored = await packs.factor_states(session)
    if stored:
        keys = {record["id"]: record["key"] for record in pack.factor_records()}
        steps = succession(stored, keys, datasets)
        await packs.change_states(session, steps.leaving, now)
        await packs.change_states(session, steps.returning, now)
        await packs.insert_factors(session, (record for record in pack.factor_records() if record["id"] in steps.new), now)
    else:
        await packs.insert_factors(session, pack.factor_records(), now)
    await index_factors(session)
    await tell_changed_factors(session, now)

"""Having every stored factor in the index of the text search, also those that an earlier version has stored."""

from kernel.database import Database
from services.factors.store import packs, search_index


async def index_catalogue(database: Database) -> None:
    """Index what is not indexed, or was by the rules of another version; a whole index is left alone."""
    async with database.unit_of_work() as session:
        if await search_index.is_whole(session):
            return
    async with database.unit_of_work() as session:
        await packs.lock_catalogue(session)
        await search_index.forget_entries_by_other_rules(session)
        await search_index.index_factors(session)

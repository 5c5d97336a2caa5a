"""The index of the text search: an entry for each factor, and the words that a misspelt one may have meant.

Both follow from what is stored, and are made in the transaction that stores it.
"""

from collections.abc import Collection

import asyncpg

from kernel.database import Session
from kernel.postgres import driver
from services.factors.domain.search_entry import Described, SearchEntry, entry_of, rules

WITHOUT_ENTRY = """
SELECT factor.id, factor.name_en, factor.name_zh, factor.activity_type,
       activity_type.name_en AS activity_type_en, activity_type.name_zh AS activity_type_zh,
       factor.region, factor.data_year, factor.dataset, dataset.name AS dataset_name, dataset.publisher,
       factor.stage, factor.purpose, factor.technology, factor.unit, factor.unit_kind
FROM factor
JOIN activity_type ON activity_type.id = factor.activity_type
JOIN dataset ON dataset.id = factor.dataset
WHERE NOT EXISTS (SELECT FROM search_entry WHERE search_entry.factor = factor.id)
  AND (factor.activity_type, factor.id) > ($1, $2)
ORDER BY factor.activity_type, factor.id
LIMIT $3
"""
AT_ONCE = 2_000


async def is_whole(session: Session) -> bool:
    """Whether every factor has an entry, made by the present rules."""
    connection = await driver(session)
    return not await connection.fetchval(
        "SELECT EXISTS (SELECT FROM factor LEFT JOIN search_entry ON search_entry.factor = factor.id"
        " WHERE search_entry.rules IS DISTINCT FROM $1)",
        rules(),
    )


async def forget_entries_by_other_rules(session: Session) -> None:
    """Delete what an earlier version has indexed otherwise; the words too, if anything is deleted."""
    connection = await driver(session)
    if await connection.fetchval("SELECT EXISTS (SELECT FROM search_entry WHERE rules <> $1)", rules()):
        await connection.execute("DELETE FROM search_entry")
        await connection.execute("DELETE FROM search_word")


async def forget_entries_of(session: Session, datasets: Collection[str], activity_types: Collection[str]) -> None:
    """Delete the entries of factors whose data set or activity type is called otherwise now."""
    connection = await driver(session)
    await connection.execute(
        "DELETE FROM search_entry USING factor WHERE factor.id = search_entry.factor"
        " AND (factor.dataset = ANY($1) OR factor.activity_type = ANY($2))",
        list(datasets),
        list(activity_types),
    )


async def index_factors(session: Session) -> None:
    """Make the entries of the factors that have none."""
    connection = await driver(session)
    after = ("", "")
    while rows := await connection.fetch(WITHOUT_ENTRY, *after, AT_ONCE):
        await _insert(connection, [entry_of(Described(**row)) for row in rows])
        after = (rows[-1]["activity_type"], rows[-1]["id"])


async def _insert(connection: asyncpg.Connection, entries: list[SearchEntry]) -> None:
    await connection.execute(
        "INSERT INTO search_entry (factor, lexemes, name_words, rules)"
        " SELECT factor, cast(lexemes AS tsvector), name_words, $4"
        " FROM unnest($1::text[], $2::text[], $3::int[]) AS made(factor, lexemes, name_words) ON CONFLICT DO NOTHING",
        [entry.factor for entry in entries],
        [entry.lexemes for entry in entries],
        [entry.name_words for entry in entries],
        rules(),
    )
    words = frozenset().union(*(entry.spellings for entry in entries))
    await connection.execute(
        "INSERT INTO search_word (word) SELECT word FROM unnest($1::text[]) AS made(word) ON CONFLICT DO NOTHING",
        sorted(words),  # in one order, so that two who insert cannot lock each other
    )

"""The index of the text search: an entry for each factor, and the words that a misspelt one may have meant.

Both follow from what is stored, and are made in the transaction that stores it.
"""

from collections.abc import Collection, Mapping
from typing import Any

import asyncpg

from kernel.database import Session
from kernel.postgres import driver
from services.factors.domain.search_entry import Described, SearchEntry, entry_of, rules
from services.factors.domain.spelling import LETTER_BITS, edits_allowed, letters

FACTORS = """
SELECT id, name_en, name_zh, activity_type, region, data_year, dataset, stage, purpose, technology, unit, unit_kind, source_row
FROM factor WHERE (activity_type, id) > ($1, $2) AND ($4::text[] IS NULL OR id = ANY($4)) ORDER BY activity_type, id LIMIT $3
"""
AT_ONCE = 2_000
Row = Mapping[str, Any]
# An edit changes the length by one at most, and the set of letters by two.
SIMILAR = f"""
SELECT DISTINCT search_word.word
FROM unnest($1::int[], $2::int[], $3::int[]) AS asked(letters, length, edits)
JOIN search_word ON length(search_word.word) BETWEEN asked.length - asked.edits AND asked.length + asked.edits
  AND bit_count(cast(search_word.letters # asked.letters AS bit({LETTER_BITS}))) <= 2 * asked.edits
"""


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


async def index_factors(session: Session, ids: Collection[str] | None = None) -> None:
    """Make the entries of the factors that have none, of all or of those with these ids.

    What belongs together is put together here: the tables may just have been filled, and PostgreSQL would plan a join without knowing
    how much they hold.
    """
    connection = await driver(session)
    types = {row["id"]: row for row in await connection.fetch("SELECT id, name_en, name_zh FROM activity_type")}
    datasets = {row["id"]: row for row in await connection.fetch("SELECT id, name, publisher FROM dataset")}
    of_these = "SELECT factor FROM search_entry WHERE $1::text[] IS NULL OR factor = ANY($1)"
    indexed = {row["factor"] for row in await connection.fetch(of_these, ids)}
    after = ("", "")
    while rows := await connection.fetch(FACTORS, *after, AT_ONCE, ids):  # by activity type, because those of one share most of their words
        lacking = [row for row in rows if row["id"] not in indexed]
        await _insert(connection, [entry_of(_described(row, types, datasets)) for row in lacking])
        after = (rows[-1]["activity_type"], rows[-1]["id"])


def _described(factor: Row, types: Mapping[str, Row], datasets: Mapping[str, Row]) -> Described:
    activity_type, dataset = types[factor["activity_type"]], datasets[factor["dataset"]]
    return Described(
        **factor,
        activity_type_en=activity_type["name_en"],
        activity_type_zh=activity_type["name_zh"],
        dataset_name=dataset["name"],
        publisher=dataset["publisher"],
    )


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
    words = sorted(frozenset().union(*(entry.spellings for entry in entries)))  # in one order, so that two cannot lock each other
    await connection.execute(
        "INSERT INTO search_word (word, letters) SELECT * FROM unnest($1::text[], $2::int[]) ON CONFLICT DO NOTHING",
        words,
        list(map(letters, words)),
    )


async def similar_words(session: Session, words: Collection[str]) -> list[str]:
    """The words of about the length and the letters of these: among them are all that these may be a misspelling of."""
    connection = await driver(session)
    rows = await connection.fetch(SIMILAR, list(map(letters, words)), list(map(len, words)), list(map(edits_allowed, words)))
    return [row["word"] for row in rows]

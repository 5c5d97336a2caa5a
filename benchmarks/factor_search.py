"""Text search over the whole catalogue, pages of 20 over HTTP; yardstick: the same statements in bare SQL, on one connection each.

Questions as they are written, and misspelt ones, for which a first statement finds nothing; the yardstick is told what they may mean.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from baseyear.embedded import EmbeddedPostgres
from baseyear.provisioning import DATABASE
from benchmarks.processes import Served, served
from services.factors.domain.search_question import sought, words_asked
from services.factors.domain.spelling import meant
from services.factors.store.lists import FactorFilter
from services.factors.store.search import page_of_matches

AS_WRITTEN = (
    "natural gas",
    "diesel",
    "elect guangd",
    "grid electricity 2021",
    "desnz 2025",
    "R410A",
    "天然气",
    "广东电网",
    "fuel.diesel",
    "e",
)
MISSPELT = ("natrual gas", "deisel", "guandgong electricity", "天然汽", "anthrasite")
PUBLISHED = FactorFilter([], [], [], [], [], [], [], ["published"])
PAGE = 20
ROUNDS = 7

Statement = tuple[str, list[Any]]

BUSY = """
SELECT EXISTS (SELECT FROM factors.outbox WHERE published_at IS NULL) OR EXISTS (
    SELECT FROM bus.cursor JOIN (SELECT topic, max(position) AS last FROM bus.log GROUP BY topic) AS told USING (topic)
    WHERE cursor.position < told.last)
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="baseyear-bench-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        with served(home) as running:
            asyncio.run(_compare(running, home))


async def _compare(running: Served, home: Path) -> None:
    url = EmbeddedPostgres(home).url(DATABASE)
    connection = await asyncpg.connect(user=url.username, password=url.password, database=url.database, host=url.query["host"])
    try:
        await _settle(connection)
        await connection.execute("SET search_path = factors")
        await connection.execute("SET jit = off")
        count = await connection.fetchval("SELECT count(*) FROM factor WHERE state = 'published'")
        vocabulary = [row["word"] for row in await connection.fetch("SELECT word FROM search_word")]
        print(f"  {count:,} published factors")
        for kind, questions in (("as written", AS_WRITTEN), ("misspelt", MISSPELT)):
            statements = [one for question in questions for one in _statements(question, vocabulary if kind == "misspelt" else [])]
            rounds = [(await _bare(connection, statements), _asked(running, questions)) for _ in range(ROUNDS)]
            bare, asked = sorted(rounds, key=lambda both: both[0] / both[1])[ROUNDS // 2]
            each = f"{1_000 * asked / len(questions):.1f} ms a question, bare {1_000 * bare / len(questions):.1f} ms"
            print(f"factor search, {kind}: ratio {bare / asked:.2f}; {each}; median of {ROUNDS} rounds")
    finally:
        await connection.close()


async def _settle(connection: asyncpg.Connection) -> None:
    """Wait until the first start's events are read, and do what PostgreSQL does by itself in the first minutes."""
    while True:
        if not await connection.fetchval(BUSY):
            break
        await asyncio.sleep(0.2)
    await connection.execute("VACUUM (ANALYZE) factors.factor, factors.search_entry")


def _statements(question: str, vocabulary: list[str]) -> list[Statement]:
    """What the service asks the database for: a page as it is written, and then for what it may mean."""
    words = words_asked(question)
    readings = [{}, {word: meant(word, vocabulary) for word in words}] if vocabulary else [{}]
    return [_bare_statement([sought(word, reading.get(word, {})) for word in words]) for reading in readings]


def _bare_statement(words: list[Any]) -> Statement:
    compiled = page_of_matches(words, None, PUBLISHED, None, PAGE + 1).compile(
        dialect=dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"render_postcompile": True},
    )
    return str(compiled), [compiled.params[name] for name in compiled.positiontup or ()]


async def _bare(connection: asyncpg.Connection, statements: list[Statement]) -> float:
    begun = time.perf_counter()
    for statement, values in statements:
        await connection.fetch(statement, *values)
    return time.perf_counter() - begun


def _asked(running: Served, questions: tuple[str, ...]) -> float:
    begun = time.perf_counter()
    for question in questions:
        answer = running.http.get("/v1/factors", params={"q": question, "limit": PAGE}).raise_for_status()
        assert answer.json()["items"], f"nothing was found for {question}"
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()

"""Only kernel/database.py commits. Three places that prepare or copy a database from outside are not application code."""

import ast
from collections.abc import Iterable

import pytest

from tests.architecture.source_files import sources

ALLOWED = {
    "kernel/database.py",  # the unit of work
    "kernel/migrations.py",  # Alembic, as the schema's owner
    "baseyear/provisioning.py",  # roles and schemas, as the administrator
    "baseyear/backup.py",  # one moment of all schemas, to read only
}
ENDING = {"commit", "begin", "begin_nested", "transaction", "autocommit"}


def endings_of_transactions(files: Iterable[tuple[str, str]]) -> list[str]:
    """Where code begins or commits by itself, in Python or in SQL; a rollback does no harm.

    `bus.commit(consumer, positions)` moves a cursor and is no such place: a session's or a connection's commit takes nothing.
    """
    found = []
    for path, source in files:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ENDING and not node.args:
                found.append(f"{path}:{node.lineno}")
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                statement = node.value.strip().rstrip(";").upper()
                if statement in {"COMMIT", "BEGIN"} or node.value == "AUTOCOMMIT":
                    found.append(f"{path}:{node.lineno}")
    return found


def test_only_the_unit_of_work_ends_a_transaction() -> None:
    assert endings_of_transactions((path, source) for path, source in sources() if path not in ALLOWED) == []


def test_the_unit_of_work_does_end_it() -> None:
    assert {place.partition(":")[0] for place in endings_of_transactions(sources(["kernel"]))} == {
        "kernel/database.py",
        "kernel/migrations.py",
    }


@pytest.mark.parametrize(
    "source",
    [
        "async def f(session):\n    await session.commit()",
        "async def f(connection):\n    async with connection.transaction():\n        pass",
        "async def f(engine):\n    async with engine.begin() as connection:\n        pass",
        "async def f(connection):\n    await connection.execute('COMMIT;')",
        "engine = engine.execution_options(isolation_level='AUTOCOMMIT')",
    ],
)
def test_another_commit_would_be_found(source: str) -> None:
    (place,) = endings_of_transactions([("services/inventory/usecases/create_site.py", source)])

    assert place.startswith("services/inventory/usecases/create_site.py:")

"""A projection holds only what events say: no own clock, no own ids, so that a rebuild gives the same rows."""

import ast
import re
from collections.abc import Iterable

import pytest

from services.reporting.handlers import PROJECTIONS
from services.reporting.tables import Base
from tests.architecture.source_files import sources

APPLYING = ("services/reporting/handlers.py", "services/reporting/store/states.py")
_CALLS = re.compile(r"\b(now|utcnow|today|time|time_ns|monotonic|perf_counter|uuid[1-8]|uuid|token_\w+|random|randint|choice|urandom)$")
_SQL = re.compile(
    r"\b(now\(|(clock|statement|transaction)_timestamp|current_(date|time|timestamp)|localtime|gen_random_uuid|uuidv\d|random\(|nextval)",
    re.IGNORECASE,
)


def clocks_and_dice(files: Iterable[tuple[str, str]]) -> list[str]:
    found = []
    for path, source in files:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and _CALLS.search(ast.unparse(node.func)):
                found.append(f"{path}:{node.lineno}")
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.search(node.value):
                found.append(f"{path}:{node.lineno}")
    return found


def test_what_applies_events_has_no_clock_and_makes_no_ids() -> None:
    applying = [(path, source) for path, source in sources(["services/reporting"]) if path in APPLYING]

    assert [path for path, _ in applying] == sorted(APPLYING)
    assert clocks_and_dice(applying) == []


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now(UTC)",
        "uuid7()",
        "kernel.identifiers.uuid7()",
        "time.time()",
        "text('SELECT now()')",
        "f'VALUES ({x}, CLOCK_TIMESTAMP())'",
    ],
)
def test_a_clock_or_an_id_would_be_found(source: str) -> None:
    assert clocks_and_dice([("handlers.py", source)]) == ["handlers.py:1"]


def test_the_columns_of_a_projection_fill_themselves_with_nothing() -> None:
    tables = Base.metadata.tables
    for name in PROJECTIONS:
        for column in tables[f"reporting.{name}"].columns:
            assert column.server_default is None, column
            assert column.default is None, column
            assert column.identity is None, column

"""The page of the factors' sources, `docs/reference/factor-sources.md`: each data set and each file of the shipped pack."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from services.factors.app import PACK
from services.factors.catalogue.pack_model import Dataset
from services.factors.catalogue.pack_reader import open_pack

_HEAD = """# Where the factors come from

{factors:,} factors and {properties:,} properties of fuels in {datasets} data sets, read from {files} files of their publishers. This page
is made from the shipped pack by `python -m baseyear.documents`. The [NOTICE](../../NOTICE) has the attributions, the
[pack's page](../../services/factors/pack/README.md) says how the numbers came about, and `baseyear factors excluded` lists every row that
was left out, with its reason.

## Data sets

A row of a file is loaded, as a factor, a property or a part of one, or it is excluded with a reason. Where no data year stands, each
factor has its own if the publisher names one (*by factor*), or all hold until they are replaced (*none*). Tier A is under an open licence
or plain facts of a government; tier A* is cited as facts, and its terms are for your counsel to look at before you redistribute it.

| data set | publisher | title | edition | data year | licence | tier | factors | rows loaded | rows excluded |
|---|---|---|---|---|---|---|---:|---:|---:|
"""

_FILES = """
## Files

They ship in `services/factors/pack/sources`, unchanged, gzipped where they are not compressed already; the hashes are those of the files
as they were read, and `baseyear factors verify` makes the pack again from them.

| file | bytes | SHA-256 | data sets |
|---|---:|---|---|
"""


def factor_sources_page(pack: Path = PACK) -> str:
    """The page, in the order of the data sets' ids and of the files' paths."""
    folder = open_pack(pack)
    datasets = folder.datasets()
    factors = Counter(record["dataset"] for record in folder.factor_records())
    files = list(_file_rows(datasets))
    head = _HEAD.format(factors=factors.total(), properties=len(folder.properties()), datasets=len(datasets), files=len(files))
    return head + "".join(_dataset_row(one, factors[one.id]) for one in datasets) + _FILES + "".join(files)


def _dataset_row(one: Dataset, factors: int) -> str:
    title = f"[{one.title}]({one.url})" if one.url else one.title
    data_year = str(one.year or "by factor") if one.has_vintage else "none"
    counts = (f"{number:,}" for number in (factors, one.rows_loaded, one.rows_excluded))
    return _row(f"`{one.id}`", one.publisher, title, one.edition, data_year, one.licence, one.tier, *counts)


def _file_rows(datasets: Iterable[Dataset]) -> Iterable[str]:
    files = sorted({(file.path, file.bytes, file.sha256) for one in datasets for file in one.source_files})
    for path, size, sha256 in files:
        readers = [f"`{one.id}`" for one in datasets if path in {file.path for file in one.source_files}]
        yield _row(f"`{path}`", f"{size:,}", f"`{sha256}`", ", ".join(readers))


def _row(*cells: str) -> str:
    """A row of a table; a bar in a cell would end it."""
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |\n"

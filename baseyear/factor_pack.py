"""`baseyear factors`: the pack of emission factors that ships, made again from its sources, and what was left out of it."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from baseyear.terminal import console

if TYPE_CHECKING:
    from services.factors.catalogue.pack_model import ExcludedRow

app = typer.Typer(no_args_is_help=True, help="The factor pack that is shipped with Baseyear.")

Sources = Annotated[Path | None, typer.Argument(help="Folder of the publishers' files; by default those that ship in the pack.")]
DatasetName = Annotated[str | None, typer.Argument(help="A data set's id; by default all, counted by reason.")]


@app.command()
def verify(sources: Sources = None) -> None:
    """Build the factor pack again from the publishers' files and compare it with the one that ships."""
    from services.factors.app import PACK  # noqa: PLC0415 - keeps `baseyear --help` quick

    with _told_on_failure():
        from services.factors.catalogue.pack_builder import verify_pack  # noqa: PLC0415

        verify_pack(PACK, sources)
    print("The factor pack is what its sources give.")


@app.command()
def build(pack: Annotated[Path, typer.Argument(help="Folder to write the pack into.")], sources: Sources = None) -> None:
    """Make a factor pack from the publishers' files, each of which must be the reviewed one, byte for byte."""
    from services.factors.app import PACK  # noqa: PLC0415

    with _told_on_failure():
        from services.factors.catalogue.pack_builder import SOURCES, build_pack  # noqa: PLC0415

        build_pack(sources or PACK / SOURCES, pack)
    print(f"The factor pack is in {pack}.")


@app.command()
def excluded(dataset: DatasetName = None) -> None:
    """The rows of the publishers' files that carry no factor, and why: counted by reason, or each row of one data set."""
    from services.factors.app import PACK  # noqa: PLC0415
    from services.factors.catalogue.pack_format import excluded_row_from  # noqa: PLC0415
    from services.factors.catalogue.pack_reader import open_pack  # noqa: PLC0415

    rows = list(map(excluded_row_from, open_pack(PACK).excluded_row_records()))
    if dataset is None:
        console.print(_by_reason(rows))
        return
    of_dataset = [row for row in rows if row.dataset == dataset]
    if not of_dataset:
        print(f"No row of a data set {dataset!r} is excluded; `baseyear factors excluded` names those with excluded rows.", file=sys.stderr)
        sys.exit(1)
    for row in of_dataset:
        print(f"{row.file} {row.row}: {row.text}\n    {row.reason}")


def _by_reason(rows: "list[ExcludedRow]") -> Table:
    table = Table("data set", "rows", "reason")
    counted = Counter((row.dataset, row.reason) for row in rows)
    for (dataset, reason), count in sorted(counted.items(), key=lambda one: (one[0][0], -one[1], one[0][1])):
        table.add_row(dataset, f"{count:,}", escape(reason))
    return table


@contextmanager
def _told_on_failure() -> Iterator[None]:
    from services.factors.catalogue.refusals import CatalogueError  # noqa: PLC0415

    try:
        yield
    except CatalogueError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except ModuleNotFoundError as missing:
        if missing.name != "python_calamine":
            raise
        print("Reading the publishers' workbooks needs an extra: install baseyear[catalogue].", file=sys.stderr)
        sys.exit(1)

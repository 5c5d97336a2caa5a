"""Residual mixes of 2022 to 2024 of 34 European countries, by the Association of Issuing Bodies (AIB)."""

from dataclasses import replace

from ghg.rounding import ratio_text
from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.country_codes import alpha2_of
from services.factors.catalogue.pack_model import Dataset, Factor, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import CsvRow, SourceFolder
from services.factors.catalogue.taxonomy import written_activity_types
from services.factors.catalogue.wording import CO2_ONLY

PATH = "grid-aib/aib_residual_mix_2022_2024.csv"

_ALL_TRACKED = {"AUT", "CHE"}  # Austria and Switzerland disclose the origin of every kilowatt-hour by law
_ZERO = "0 because all electricity of the country is tracked and none is left untracked: not because untracked electricity is clean."
_CYPRUS = "The file labels the row N Cyprus and gives it the code CYP: it is taken as the domain of AIB's member, the Republic of Cyprus."
_ONE_SOURCE = "Read from one transcription of AIB's tables; not checked against a second one."


def import_grid_aib(sources: SourceFolder) -> Contribution:
    """One data set per year: direct CO2 of a kilowatt-hour of untracked origin, for the market-based method."""
    share = Contribution()
    rows = list(sources.csv_rows(PATH))
    for year in sorted({int(row.cells["data_year"]) for row in rows}):
        of_year = [row for row in rows if row.cells["data_year"] == str(year)]
        dataset = _dataset(year)
        ledger = RowLedger(dataset.id, PATH, [(row.id, row.text) for row in of_year])
        for row in of_year:
            share.factors.append(_factor(row, dataset))
            ledger.load(row.id)
        share.datasets.append(replace(dataset, source_files=(ledger.source_file(),)))
    return share


def _dataset(year: int) -> Dataset:
    return Dataset(
        f"aib-residual-mix-{year}",
        f"European residual mixes {year}",
        "Association of Issuing Bodies (AIB)",
        "European Residual Mixes",
        str(year),
        year,
        None,
        "Published by AIB for disclosure; values cited as facts with attribution",
        f"AIB, European Residual Mixes {year}",
        "A*",
        "https://www.aib-net.org/facts/european-residual-mix",
        has_vintage=True,
        is_global=False,
        source_files=(),
    )


def _factor(row: CsvRow, dataset: Dataset) -> Factor:
    cells = row.cells
    if (cells["unit"], cells["source"]) != ("gCO2/kWh", "AIB European Residual Mixes"):
        raise UnmappedRow(f"{PATH} {row.id}: unknown unit or source {cells['unit']!r}, {cells['source']!r}")
    grams = printed_number(cells["value"])
    if (grams == 0) != (cells["iso3"] in _ALL_TRACKED):
        raise UnmappedRow(f"{PATH} {row.id}: a residual mix is 0 where all electricity is tracked, and only there")
    derivation = f"{cells['value']} g ÷ 1000 = {ratio_text(grams / 1000)} kg"
    gas = GasPart("CO2", grams / 1000, None, dataset.id, row.id, cells["value"], cells["unit"], derivation)
    return new_factor(
        written_activity_types()["electricity.grid"],
        dataset,
        alpha2_of(cells["iso3"]),
        "kWh",
        (gas,),
        purpose="residual",
        is_default=False,
        gas_coverage="CO2",
        source_row=f"{row.id}: {cells['country']} {cells['data_year']}",
        value_printed=cells["value"],
        unit_printed=cells["unit"],
        notes=(
            CO2_ONLY,
            _ONE_SOURCE,
            *([_ZERO] if grams == 0 else []),
            *([_CYPRUS] if cells["iso3"] == "CYP" else []),
        ),
    )

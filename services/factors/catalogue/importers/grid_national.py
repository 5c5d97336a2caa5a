"""National grid factors of Mexico, Viet Nam, Taiwan, Brazil and Thailand."""

from dataclasses import dataclass, replace

from ghg.rounding import ratio_text
from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.pack_model import Dataset, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import CsvRow, SourceFolder
from services.factors.catalogue.taxonomy import written_activity_types
from services.factors.catalogue.wording import CO2_ONLY

PATH = "grid-national/national_grid_factors.csv"


@dataclass(frozen=True, slots=True)
class _Grid:
    region: str
    place: str
    publisher: str
    series: str
    gas: str
    unit: str


# The series of each country; a row on another basis is excluded, never mixed in.
_GRIDS = {
    "MEX": _Grid("MX", "Mexico", "SEMARNAT / CRE", "SEMARNAT/CRE", "CO2e", "tCO2e/MWh"),
    "VNM": _Grid("VN", "Viet Nam", "Department of Climate Change, MONRE", "DCC", "CO2", "tCO2/MWh"),
    "TWN": _Grid("TW", "Taiwan", "Energy Administration (MOEA)", "Energy Administration", "CO2e", "kgCO2e/kWh"),
    "BRA": _Grid("BR", "Brazil", "MCTI", "MCTI", "CO2", "tCO2/MWh"),
    "THA": _Grid("TH", "Thailand", "Energy Policy and Planning Office (EPPO)", "EPPO", "CO2", "kgCO2/kWh"),
}


def import_grid_national(sources: SourceFolder) -> Contribution:
    """One data set per country, one factor per data year; tCO2/MWh and kgCO2/kWh are the same number."""
    share = Contribution()
    rows = list(sources.csv_rows(PATH))
    for row in rows:
        if row.cells["iso3"] not in _GRIDS:
            raise UnmappedRow(f"{PATH} {row.id}: unknown country {row.cells['iso3']!r}")
    for iso3, grid in _GRIDS.items():
        _country(grid, [row for row in rows if row.cells["iso3"] == iso3], share)
    return share


def _country(grid: _Grid, rows: list[CsvRow], share: Contribution) -> None:
    title = rows[0].cells["source_document"]
    dataset = Dataset(
        f"grid-national-{grid.region.lower()}",
        f"{grid.place} grid factors",
        grid.publisher,
        title,
        f"{rows[0].cells['data_year']} to {max(row.cells['data_year'] for row in rows)}",
        None,
        None,
        "Official notice: plain facts published by a government",
        f"{grid.publisher}: {title}",
        "A",
        None,
        has_vintage=True,
        is_global=False,
        source_files=(),
    )
    ledger = RowLedger(dataset.id, PATH, [(row.id, row.text) for row in rows])
    for row in rows:
        if not row.cells["source_document"].startswith(grid.series):
            ledger.exclude(f"another basis than the {grid.publisher} series: the two are never mixed", row.id)
            continue
        ledger.load(row.id)
        _factor(row, grid, dataset, share)
    share.datasets.append(replace(dataset, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()


def _factor(row: CsvRow, grid: _Grid, dataset: Dataset, share: Contribution) -> None:
    cells = row.cells
    if (cells["coverage"], cells["unit"]) != (grid.gas, grid.unit):
        raise UnmappedRow(f"{PATH} {row.id}: unknown gas or unit {cells['coverage']!r}, {cells['unit']!r}")
    value = printed_number(cells["value"])
    gwp_basis, warning = None, CO2_ONLY
    if grid.gas == "CO2e":
        gwp_basis, warning = "unstated", "CO2e only, on a GWP basis that the publisher does not state: it cannot be converted to another."
    derivation = f"{cells['value']} {cells['unit']} = {ratio_text(value)} kg/kWh"
    gas = GasPart(grid.gas, value, gwp_basis, dataset.id, row.id, cells["value"], cells["unit"], derivation)
    share.factors.append(
        new_factor(
            written_activity_types()["electricity.grid"],
            dataset,
            grid.region,
            "kWh",
            (gas,),
            data_year=int(cells["data_year"]),
            purpose="location_average",
            gas_coverage=grid.gas,
            source_row=f"{row.id}: {cells['country']} {cells['data_year']}",
            value_printed=cells["value"],
            unit_printed=cells["unit"],
            quality=cells["verification"],
            notes=(warning, f"Source: {cells['source_document']}.", *([cells["note"]] if cells["note"] else [])),
        )
    )

"""China's carbon footprint factors of electricity of 2023 and 2024, and the official documents behind the Chinese tables.

They are life-cycle factors for product footprints: never a factor of scope 2.
"""

from dataclasses import dataclass, replace

from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.importers.cn_mee import CHINESE_MINISTRY, NOTICE_LICENCE
from services.factors.catalogue.pack_model import Dataset, Factor, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import CsvRow, SourceFolder
from services.factors.catalogue.taxonomy import written_activity_types

FOOTPRINT = "cn-mee/electricity_carbon_footprint_factors.csv"
DOCUMENTS = {
    "cn-mee/originals/2023_power_co2_factors_notice_2025-47.pdf": (2023, 2, "cn-mee/electricity_co2_factors.csv"),
    "cn-mee/originals/2024_power_carbon_footprint_factors.pdf": (2024, 1, FOOTPRINT),
}

_UNIT = "kgCO2e/kWh"
_BOUNDARY = "life cycle (carbon footprint) - for product footprints, NOT for scope 2"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a generation type of the file is in this catalogue."""

    activity: str
    stage: str = "life_cycle"
    purpose: str | None = None
    technology: str | None = None
    is_default: bool = True


_KINDS = {
    "average": _Kind("electricity.grid", purpose="life_cycle", is_default=False),
    "coal": _Kind("electricity.coal"),
    "gas": _Kind("electricity.gas"),
    "hydro": _Kind("electricity.hydro"),
    "nuclear": _Kind("electricity.nuclear"),
    "wind": _Kind("electricity.wind"),
    "solar PV": _Kind("electricity.solar_pv"),
    "solar thermal": _Kind("electricity.solar_thermal"),
    "biomass": _Kind("electricity.biomass"),
    "T&D excl. line loss": _Kind(
        "electricity.grid", stage="transmission_losses", technology="life cycle of the grid, without line losses", is_default=False
    ),
    "T&D incl. line loss": _Kind(
        "electricity.grid", stage="transmission_losses", technology="life cycle of the grid, with line losses", is_default=False
    ),
}
_LIFE_CYCLE = "Life cycle, for product footprints: not a factor of scope 2."
_BASIS = "CO2e only, on a GWP basis that the publisher does not state: it cannot be converted to another."


def import_cn_mee_footprint(sources: SourceFolder) -> Contribution:
    """One data set per year: the national average, eight kinds of generation, transmission and distribution."""
    share = Contribution()
    rows = list(sources.csv_rows(FOOTPRINT))
    for year in sorted({int(row.cells["data_year"]) for row in rows}):
        of_year = [row for row in rows if row.cells["data_year"] == str(year)]
        dataset = _dataset(
            f"cn-mee-footprint-{year}", f"China electricity footprint {year}", f"Carbon footprint factors of electricity {year}", year
        )
        ledger = RowLedger(dataset.id, FOOTPRINT, [(row.id, row.text) for row in of_year])
        for row in of_year:
            share.factors.append(_factor(row, dataset))
            ledger.load(row.id)
        share.datasets.append(replace(dataset, source_files=(ledger.source_file(),)))
    _documents(sources, share)
    return share


def _dataset(dataset_id: str, name: str, title: str, year: int) -> Dataset:
    return Dataset(
        dataset_id,
        name,
        CHINESE_MINISTRY,
        title,
        str(year),
        year,
        None,
        NOTICE_LICENCE,
        f"{CHINESE_MINISTRY}, {title}",
        "A",
        None,
        has_vintage=True,
        is_global=False,
        source_files=(),
    )


def _factor(row: CsvRow, dataset: Dataset) -> Factor:
    cells = row.cells
    if (cells["unit"], cells["system_boundary"], cells["region_code"]) != (_UNIT, _BOUNDARY, "CN"):
        raise UnmappedRow(f"{FOOTPRINT} {row.id}: unknown unit, boundary or region {cells['unit']!r}, {cells['system_boundary']!r}")
    if cells["generation_type"] not in _KINDS:
        raise UnmappedRow(f"{FOOTPRINT} {row.id}: unknown generation type {cells['generation_type']!r}")
    kind = _KINDS[cells["generation_type"]]
    gas = GasPart("CO2e", printed_number(cells["value"]), "unstated", dataset.id, row.id, cells["value"], _UNIT, "as printed")
    return new_factor(
        written_activity_types()[kind.activity],
        dataset,
        "CN",
        "kWh",
        (gas,),
        stage=kind.stage,
        purpose=kind.purpose,
        technology=kind.technology,
        is_default=kind.is_default,
        gas_coverage="CO2e",
        source_row=f"{row.id}: {cells['generation_type']} {cells['data_year']}",
        value_printed=cells["value"],
        unit_printed=_UNIT,
        quality=cells["verification"],
        notes=(_LIFE_CYCLE, _BASIS),
    )


def _documents(sources: SourceFolder, share: Contribution) -> None:
    """The official documents: evidence of what the tables hold, page by page; a test compares the two."""
    for path, (year, pages, table) in DOCUMENTS.items():
        sources.read(path)
        what = "footprint" if table == FOOTPRINT else "electricity"
        dataset = _dataset(f"cn-mee-{what}-{year}-document", f"Document of cn-mee-{what}-{year}", path.rpartition("/")[2], year)
        page_ids = [f"page {number}" for number in range(1, pages + 1)]
        ledger = RowLedger(dataset.id, path, [(page, path.rpartition("/")[2]) for page in page_ids])
        ledger.exclude(f"the official document: its values are those of {table}, which are loaded", *page_ids)
        share.datasets.append(replace(dataset, source_files=(ledger.source_file(),)))
        share.excluded_rows += ledger.excluded_rows()

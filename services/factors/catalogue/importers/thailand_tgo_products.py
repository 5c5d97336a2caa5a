"""Thailand: life-cycle factors of products (CFP) by the Thailand Greenhouse Gas Management Organization (TGO), July 2022.

None of them is a factor of scope 1 or 2: electricity includes its fuels' supply, and fuels are those at the gate of the refinery.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.importers.thailand_tgo import GRID_YEAR, TGO, TGO_LICENCE
from services.factors.catalogue.pack_model import Dataset, Factor, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import CsvRow, SourceFolder
from services.factors.catalogue.taxonomy import table_rows, written_activity_types

PATH = "thailand-tgo/tgo_cfp_2022-07.csv"

_UNITS = {
    **{"kg": "kg", "Kg": "kg", "tkm": "t.km", "km": "km", "m2": "m2", "m3": "m3", "hr": "h", "kWh": "kWh"},
    **{"p": "piece", "p (แผน่ )": "piece"},  # a tree in a bag; a sheet of silkworm eggs
}
_EXCLUDED = {
    "147": "doubtful: 0.2363 per kilometre of a truck of 18 wheels, where all others of 18 wheels have 0.79 to 1.19; read by machine",
    "514": "per horsepower-hour, without saying whether of the mechanical or of the metric horsepower: they differ by 1.4 %",
    "532": "per horsepower-hour, without saying whether of the mechanical or of the metric horsepower: they differ by 1.4 %",
    "536": "doubtful: a billionth of a kilogram per square metre, where sprayers on tractors have 0.0008; read by machine",
}
_DOUBTS = {"3": "Three times the 2.1356 of LLDPE and the 2.6258 of LDPE in the same table, read by machine: check before use."}
_TRUCKS = range(43, 231)
_TRUCK = re.compile(r"(?P<vehicle>.+?) *(วิ่งแบบ|(?<=ล้อ)่วิ|ปกติ|สมบุกสมบัน).*? (?P<load>\d+ ?\d*)% Loading")
_ROADS = {(True, False): "normal road", (False, True): "rough road", (True, True): "normal and rough roads"}
_FUELS = {"ใช้นำ้มันดีเซลเป็นเชื้อเพลิง": "", "ใช้นำ้มันดีเซล B5 เป็นเชื้อเพลิง": ", diesel B5", "ใช้CNG เป็นเชื้อเพลิง": ", compressed natural gas"}

_DATASET = Dataset(
    "tgo-cfp-2022-07",
    "Thailand TGO product factors",
    TGO,
    "Emission factors for the carbon footprint of products (CFP)",
    "July 2022",
    None,
    None,
    TGO_LICENCE,
    f"{TGO}, emission factors CFP, July 2022",
    "A*",
    "https://thaicarbonlabel.tgo.or.th",
    has_vintage=True,
    is_global=False,
    source_files=(),
)
_QUALITY = "read by machine from the publisher's PDF, not compared with it"
_GRID = "Grid mix of 2016 to 2018 over its life cycle: not a factor of scope 2."
_SUPPLY = "Supply of the fuel up to the refinery's or plant's gate, without its combustion."


def import_thailand_tgo_products(sources: SourceFolder) -> Contribution:
    """Materials, products, trucks, field work, water and waste; names are translated by tables/tgo_cfp_products.csv and its types."""
    share = Contribution()
    rows = list(sources.csv_rows(PATH))
    ledger = RowLedger(_DATASET.id, PATH, [(_id(row), row.cells["raw_text"]) for row in rows])
    meanings = {row["ef_id"]: row for row in table_rows("tgo_cfp_products.csv")}
    trucks = {row["printed"]: row["activity_type"] for row in table_rows("tgo_cfp_trucks.csv")}
    for row in rows:
        number = row.cells["ef_id"]
        if number in _EXCLUDED:
            ledger.exclude(_EXCLUDED[number], _id(row))
            continue
        share.factors += [_truck(row, trucks)] if int(number) in _TRUCKS else _product(row, meanings)
        ledger.load(_id(row))
    share.datasets.append(replace(_DATASET, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()
    return share


def _id(row: CsvRow) -> str:
    return f"no. {row.cells['ef_id']}"


def _product(row: CsvRow, meanings: dict[str, dict[str, str]]) -> Iterable[Factor]:
    meaning = meanings.get(row.cells["ef_id"])
    if meaning is None or meaning["printed"] != row.cells["ef_name"]:
        raise UnmappedRow(f"{PATH} {_id(row)}: unknown name {row.cells['ef_name']!r}: add it to tables/tgo_cfp_products.csv")
    for activity in meaning["activity_types"].split():
        is_grid = activity == "electricity.grid"
        notes = (_GRID,) if is_grid else (_SUPPLY,) if meaning["stage"] == "upstream" else ()
        yield _factor(row, activity, meaning["stage"], meaning["technology"] or None, notes, is_grid=is_grid)


def _truck(row: CsvRow, trucks: dict[str, str]) -> Factor:
    """A truck on normal or rough roads at one load; empty ones per kilometre. The publisher names no usual load, so none is the default."""
    cells = row.cells
    found = _TRUCK.fullmatch(cells["ef_name"])
    fuel = next((words for printed, words in _FUELS.items() if f"; {printed}" in cells["ef_description"]), None)
    road = _ROADS.get(("ปกติ" in cells["ef_name"], "สมบุกสมบัน" in cells["ef_name"]))
    if found is None or found["vehicle"] not in trucks or fuel is None or road is None:
        raise UnmappedRow(f"{PATH} {_id(row)}: unknown truck {cells['ef_name']!r}: add it to tables/tgo_cfp_trucks.csv")
    load = int(found["load"].replace(" ", ""))
    if (load == 0) != (cells["unit"] == "km"):
        raise UnmappedRow(f"{PATH} {_id(row)}: {load} % loaded does not go with the unit {cells['unit']!r}")
    technology = f"{road}, {f'{load} % loaded' if load else 'empty'}{fuel}"
    return _factor(row, trucks[found["vehicle"]], "life_cycle", technology, ())


def _factor(row: CsvRow, activity: str, stage: str, technology: str | None, notes: tuple[str, ...], *, is_grid: bool = False) -> Factor:
    cells = row.cells
    if cells["unit"] not in _UNITS:
        raise UnmappedRow(f"{PATH} {_id(row)}: unknown unit {cells['unit']!r}")
    activity_type, unit = written_activity_types()[activity], _UNITS[cells["unit"]]
    basis = "AR5" if "IPCC 2013 GWP 100a" in cells["ef_description"] else "unstated"
    printed_unit = f"kgCO2e/{cells['unit']}"
    gas = GasPart(
        "CO2e", printed_number(cells["factor_value"]), basis, _DATASET.id, _id(row), cells["factor_value"], printed_unit, "as printed"
    )
    return new_factor(
        activity_type,
        _DATASET,
        "TH",
        unit,
        (gas,),
        data_year=GRID_YEAR if is_grid else None,
        stage=stage,
        purpose="life_cycle" if is_grid else None,
        technology=technology,
        is_default=technology is None and stage == activity_type.stage,
        gas_coverage="CO2e",
        source_row=f"{_id(row)}: {cells['ef_name']}",
        value_printed=cells["factor_value"],
        unit_printed=printed_unit,
        quality=_QUALITY,
        notes=(*notes, *filter(None, [_DOUBTS.get(cells["ef_id"])]), f"Source: {cells['source_name']}, {cells['updated_tag']}."),
    )

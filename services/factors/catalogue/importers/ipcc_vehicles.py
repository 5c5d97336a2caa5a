"""IPCC 2006 Guidelines, volume 2, chapter 3: CH4 and N2O of road vehicles per kilometre, from an export of the EFDB.

They are what a kilometre adds to the CO2 of the fuel, and are no factor of a vehicle's distance: activity types of their own keep them
apart, and none of them is a default.
"""

import html
from collections.abc import Iterable
from dataclasses import replace

from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.importers.ipcc import MOBILE, efdb_id, ipcc_dataset
from services.factors.catalogue.pack_model import Factor, GasPart
from services.factors.catalogue.printed_numbers import is_range, printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import CsvRow, SourceFolder
from services.factors.catalogue.taxonomy import table_rows, written_activity_types

VEHICLE_SET = ipcc_dataset("ipcc-2006-vehicles", "IPCC 2006 road vehicles", "Chapter 3: CH4 and N2O of road vehicles (EFDB export)")
PER_KILOMETRE, PER_START = "mg/km", "mg/start"

_COLD_START = "per cold start, to be added to running by the number of starts (Tier 3), which no record of fuel or distance holds"
_NOT_ONE_NUMBER = "a range, not one number"
_WITHOUT_CO2 = "CH4 and N2O only: add the CO2 of the fuel burned (vehicle_fuel)."
_ROUNDED = "A gas of 0 is less than the milligram to which the table rounds."
_COPERT = " (For details, consult COPERT iV Model)"
_BIOFUEL = "Biogasoline"


def import_ipcc_vehicles(sources: SourceFolder) -> Contribution:
    """One factor per vehicle class, emission control and driving condition; cold starts are excluded."""
    share = Contribution()
    rows = [row for row in sources.csv_rows(MOBILE) if row.cells["unit"] in (PER_KILOMETRE, PER_START)]
    ledger = RowLedger(VEHICLE_SET.id, MOBILE, [(efdb_id(row), html.unescape(row.text)) for row in rows])
    pairs: dict[tuple[str, str], list[CsvRow]] = {}
    for row in rows:
        if reason := _exclusion(row):
            ledger.exclude(reason, efdb_id(row))
            continue
        pairs.setdefault((_activity(row), _technology(row)), []).append(row)
        ledger.load(efdb_id(row))
    share.factors += [_factor(activity, technology, of_pair) for (activity, technology), of_pair in pairs.items()]
    share.datasets.append(replace(VEHICLE_SET, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()
    return share


def _exclusion(row: CsvRow) -> str | None:
    if row.cells["unit"] == PER_START:
        return _COLD_START
    return _NOT_ONE_NUMBER if is_range(row.cells["value"]) else None


def _printed(row: CsvRow, name: str) -> str:
    return html.unescape(row.cells[name])


def _activity(row: CsvRow) -> str:
    condition = _printed(row, "conditions")
    printed = (
        _printed(row, "ipcc_category"),
        _printed(row, "fuel"),
        _printed(row, "technology"),
        condition if condition.startswith("Fuel: ") else "",
    )
    for vehicle in table_rows("ipcc_vehicles.csv"):
        if (vehicle["category"], vehicle["fuel"], vehicle["technology"], vehicle["condition"]) == printed:
            return vehicle["activity_type"]
    raise UnmappedRow(f"{MOBILE} {efdb_id(row)}: unknown vehicle {printed}: add it to tables/ipcc_vehicles.csv")


def _technology(row: CsvRow) -> str:
    """Emission control and driving condition in words: `US vehicles, oxidation catalyst, hot running`; `Euro 3, urban, cold`."""
    models = {
        "Emission Factor for USA Vehicles": "US vehicles",
        "Emission Factor for Alternative Fuel Vehicles": "US alternative fuel vehicles",
        "Emission Factor for European Vehicles [COPERT IV Model]": "European vehicles",
    }
    if _printed(row, "quantity") not in models:
        raise UnmappedRow(f"{MOBILE} {efdb_id(row)}: unknown model {row.cells['quantity']!r}")
    vehicle = _printed(row, "technology").removesuffix(_COPERT).rpartition("Vehicle Technology/Class: ")
    condition = _printed(row, "conditions").removeprefix("Driving Condition: ").replace("Running - (hot)", "hot running")
    words = [models[_printed(row, "quantity")], vehicle[2] if vehicle[1] else "", _printed(row, "abatement")]
    return ", ".join(word for word in (*words, "" if condition.startswith("Fuel: ") else condition) if word)


def _factor(activity: str, technology: str, rows: list[CsvRow]) -> Factor:
    gases = tuple(_parts(rows))
    if len({gas.gas for gas in gases}) != len(gases):
        raise UnmappedRow(f"{MOBILE}: {activity}, {technology} has several rows of one gas: {[gas.row for gas in gases]}")
    return new_factor(
        written_activity_types()[activity],
        VEHICLE_SET,
        "GLO",
        "km",
        gases,
        technology=technology,
        is_default=False,
        gas_coverage="+".join(gas.gas.partition("_")[0] for gas in gases),
        source_row=", ".join(gas.row for gas in gases),
        value_printed="; ".join(gas.printed_value for gas in gases),
        unit_printed=PER_KILOMETRE,
        notes=(_WITHOUT_CO2, *([_ROUNDED] if any(gas.kg_per_unit == 0 for gas in gases) else [])),
    )


def _parts(rows: list[CsvRow]) -> Iterable[GasPart]:
    """Methane first; that of ethanol and methanol is biogenic, since the EFDB lists them as biogasoline."""
    for row in sorted(rows, key=lambda row: row.cells["gas"]):
        methane = "CH4_biogenic" if row.cells["fuel"] == _BIOFUEL else "CH4_fossil"
        gas = {"METHANE": methane, "NITROUS OXIDE": "N2O"}[row.cells["gas"]]
        value = row.cells["value"]
        mass = printed_number(value) / 1_000_000
        yield GasPart(gas, mass, None, VEHICLE_SET.id, efdb_id(row), value, PER_KILOMETRE, f"{value} mg ÷ 1,000,000 mg/kg")

"""Grid factors of 2023 of 30 European countries, derived from Eurostat's emission inventory and energy balances."""

import json
from dataclasses import replace
from typing import Any

from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.pack_model import Dataset, Factor, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import SourceFolder
from services.factors.catalogue.taxonomy import written_activity_types

PATH = "grid-eurostat/eurostat-grid-2023-derived.json"
YEAR = 2023

_EUROSTAT_CODES = {"EL": "GR"}  # Eurostat's own code of Greece; its others in this file are those of ISO 3166-1
_COUNTRIES = frozenset(
    (
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE"),
        *("IS", "IT", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "TR"),
    )
)
_GASES = {"CarbonDioxide": "CO2", "MethaneFossil": "CH4_fossil", "NitrousOxide": "N2O"}
_KIND = {"scope": "Scope2", "scope2Method": "LocationBased", "unit": "MegawattHour", "basis": "NotApplicable"}

_DATASET = Dataset(
    "eurostat-grid-2023",
    "European grid factors 2023",
    "Eurostat, republishing inventory data of the European Environment Agency",
    "Grid factors derived from env_air_gge (CRF 1.A.1.a) and nrg_bal_c",
    "2023, derived on 2026-08-17",
    YEAR,
    None,
    "Eurostat reuse policy: free reuse with acknowledgement of the source",
    "Source: Eurostat (env_air_gge, nrg_bal_c), factors derived by agirgol/carbon-accounting-dotnet",
    "A",
    "https://ec.europa.eu/eurostat/web/main/data/database",
    has_vintage=True,
    is_global=False,
    source_files=(),
)
_DERIVED = (
    "Derived, not published: emissions and generation of main-activity producers only; fuel of combined heat and power is split by the "
    "efficiency method of the GHG Protocol (35 % electricity, 80 % heat)."
)
_ZERO = "A gas of 0 is less than the 0.005 kt to which Eurostat rounds a country's emissions, not the absence of the gas."


def import_grid_eurostat(sources: SourceFolder) -> Contribution:
    """One factor per country and kilowatt-hour sold by main-activity producers, gas by gas; CO2 of biomass is not in it."""
    share = Contribution()
    rows: list[dict[str, Any]] = json.loads(sources.read(PATH))["factors"]
    ledger = RowLedger(_DATASET.id, PATH, [(row["id"], f"{row['activity']} | {row['sourceReference']}") for row in rows])
    for row in rows:
        share.factors.append(_factor(row))
        ledger.load(row["id"])
    share.datasets.append(replace(_DATASET, source_files=(ledger.source_file(),)))
    return share


def _factor(row: dict[str, Any]) -> Factor:
    if row["region"] not in _COUNTRIES:
        raise UnmappedRow(f"{PATH} {row['id']}: unknown country {row['region']!r}")
    if {name: row[name] for name in _KIND} != _KIND or row["components"].keys() != _GASES.keys():
        raise UnmappedRow(f"{PATH} {row['id']}: unknown unit, scope or gases")
    gases = tuple(
        GasPart(
            _GASES[name],
            printed_number(value),
            None,
            _DATASET.id,
            row["id"],
            str(value),
            f"kg {_GASES[name].partition('_')[0]}/MWh",
            "derived by the file from masses of the inventory, see notes",
        )
        for name, value in row["components"].items()
    )
    return new_factor(
        written_activity_types()["electricity.grid"],
        _DATASET,
        _EUROSTAT_CODES.get(row["region"], row["region"]),
        "MWh",
        gases,
        purpose="location_average",
        gas_coverage="CO2+CH4+N2O",
        source_row=f"{row['id']}: {row['activity']}",
        value_printed="; ".join(part.printed_value for part in gases),
        unit_printed="kg CO2; CH4; N2O per MWh",
        notes=(_DERIVED, row["note"], *([_ZERO] if any(part.kg_per_unit == 0 for part in gases) else [])),
    )

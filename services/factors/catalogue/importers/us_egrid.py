"""US EPA: eGRID2023, revision 2, total output rates of the 27 subregions, with the regions that every edition of eGRID uses."""

import json
import re
from dataclasses import replace
from typing import Any

from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.pack_model import Dataset, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import SourceFolder
from services.factors.catalogue.taxonomy import written_activity_types

PATH = "us-egrid/egrid-2023-subregions-derived.json"
METHANE_UNSPLIT = "CH4 is of fossil and biogenic fuels in one figure: booked as fossil."

# The subregions of eGRID; a grid has no code of ISO 3166.
SUBREGIONS = frozenset(
    (
        *("AKGD", "AKMS", "AZNM", "CAMX", "ERCT", "FRCC", "HIMS", "HIOA", "MROE", "MROW", "NEWE", "NWPP", "NYCW", "NYLI"),
        *("NYUP", "PRMS", "RFCE", "RFCM", "RFCW", "RMPA", "SPNO", "SPSO", "SRMV", "SRMW", "SRSO", "SRTV", "SRVC"),
    )
)

_DATASET = Dataset(
    "us-egrid-2023-rev2",
    "US eGRID2023, revision 2",
    "U.S. Environmental Protection Agency",
    "Emissions & Generation Resource Integrated Database (eGRID2023), revision 2, sheet SRL23",
    "eGRID2023, revision 2",
    2023,
    "2025-06-12",  # of EPA's own files of this revision; the file at hand says 2025
    "US Government work: public domain",
    "U.S. Environmental Protection Agency, eGRID2023 revision 2, extracted by agirgol/carbon-accounting-dotnet",
    "A",
    "https://www.epa.gov/egrid/download-data",
    has_vintage=True,
    is_global=False,
    source_files=(),
)
_KIND = {"scope": "Scope2", "scope2Method": "LocationBased", "unit": "MegawattHour", "basis": "NotApplicable"}
_GASES = {"CarbonDioxide": "CO2", "MethaneFossil": "CH4_fossil", "NitrousOxide": "N2O"}
_ACTIVITY = re.compile(r"Purchased electricity — (.+) \(([A-Z]{4})\)")
_CONVERTED = "From the metric workbook, which counts 0.4536 kg per pound (exact is 0.45359237)."


def region_of(acronym: str) -> str:
    """The region of a subregion's acronym: `grid:US-RFCE`.

    raises    UnmappedRow, if eGRID has no such subregion
    """
    if acronym not in SUBREGIONS:
        raise UnmappedRow(f"unknown eGRID subregion {acronym!r}")
    return f"grid:US-{acronym}"


def import_us_egrid(sources: SourceFolder) -> Contribution:
    """One factor per subregion. EPA's hub of January 2025 has the first release of the same year: this revision is the newer one."""
    share = Contribution()
    rows: list[dict[str, Any]] = json.loads(sources.read(PATH), parse_float=str)["factors"]
    ledger = RowLedger(_DATASET.id, PATH, [(row["id"], row["activity"]) for row in rows])
    for row in rows:
        _subregion(row, share)
        ledger.load(row["id"])
    share.datasets.append(replace(_DATASET, source_files=(ledger.source_file(),)))
    return share


def _subregion(row: dict[str, Any], share: Contribution) -> None:
    if {name: row[name] for name in _KIND} != _KIND:
        raise UnmappedRow(f"{PATH} {row['id']}: unknown kind or unit {[row[name] for name in _KIND]}")
    if set(row["components"]) != set(_GASES):
        raise UnmappedRow(f"{PATH} {row['id']}: unknown gases {sorted(row['components'])}")
    named = _ACTIVITY.fullmatch(row["activity"])
    if named is None:
        raise UnmappedRow(f"{PATH} {row['id']}: unknown activity {row['activity']!r}")
    gases = tuple(
        GasPart(gas, printed_number(row["components"][name]), None, _DATASET.id, row["id"], row["components"][name], "kg/MWh", "as printed")
        for name, gas in _GASES.items()
    )
    share.factors.append(
        new_factor(
            written_activity_types()["electricity.grid"],
            _DATASET,
            region_of(named[2]),
            "MWh",
            gases,
            purpose="location_average",
            gas_coverage="CO2+CH4+N2O",
            source_row=f"{row['id']}: {named[2]} {named[1]}, total output",
            value_printed="; ".join(gas.printed_value for gas in gases),
            unit_printed="kg CO2; kg CH4; kg N2O per MWh",
            notes=(METHANE_UNSPLIT, _CONVERTED),
        )
    )

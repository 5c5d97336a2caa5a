"""The 2026 edition as revised on 31 July 2026, in a copy that lost the column headings: only what the June full set confirms is taken.

The copy names the publisher's row group of each figure; the row groups are those of the 2025 flat file, which has their labels.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.importers.uk_desnz.editions import EDITION_2026, section_of
from services.factors.catalogue.importers.uk_desnz.flat_files import rows_2025
from services.factors.catalogue.importers.uk_desnz.readings import reading_of
from services.factors.catalogue.importers.uk_desnz.rows import DesnzRow
from services.factors.catalogue.pack_model import ActivityType, Factor, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import SourceFolder

REVISED_2026 = "uk-desnz/conversion-factors-2026-revised-derived.json"

DATASET = replace(
    EDITION_2026.dataset,
    id="uk-desnz-2026-revised",
    name="UK conversion factors 2026, revised",
    title="UK Government GHG Conversion Factors for Company Reporting, flat file, as derived by the GhgAccounting project (MIT licence)",
    edition="2026, revised 31 July 2026",
    published_on="2026-07-31",
)

_GASES = {"CarbonDioxide": "CO2", "MethaneFossil": "CH4_fossil", "NitrousOxide": "N2O"}
_GWPS = {"CO2": 1, "CH4_fossil": 28, "N2O": 265}
_HALF_STEP = Fraction(5, 1_000_000)  # the publisher's figures have five decimals
_NOTE = "The same figure as in the full set of June 2026; kilograms of the gases as divided back out by the copy's maker."


@dataclass(frozen=True, slots=True)
class _Entry:
    """One factor of the copy, with the labels of its row group; numbers as they stand there."""

    id: str
    label: DesnzRow
    co2e: str
    masses: dict[str, str]
    biogenic_co2: str | None

    @property
    def text(self) -> str:
        """The entry in one line."""
        label = self.label
        parts = (self.id, self.co2e, label.level1, label.level2, label.level3, label.level4, label.column_text, label.unit)
        return " | ".join(part for part in parts if part)


def import_revised_2026(sources: SourceFolder, share: Contribution) -> None:
    """Adds the factors of the revised edition that the share's factors of the June edition confirm."""
    confirming: dict[tuple[str, str, str, str | None], Factor] = {
        (factor.activity_type, factor.unit, factor.stage, factor.technology): factor
        for factor in share.factors
        if factor.dataset == EDITION_2026.dataset.id
    }
    entries = list(_entries(sources))
    ledger = RowLedger(DATASET.id, REVISED_2026, [(entry.id, entry.text) for entry in entries])
    for entry in entries:
        if reason := _double(entry.label):
            ledger.exclude(reason, entry.id)
            continue
        reading = reading_of(entry.label)
        confirmed = [confirming.get((one.id, reading.unit, reading.stage, reading.technology)) for one in reading.activities]
        if reason := _doubt(entry, confirmed[0]):
            ledger.exclude(reason, entry.id)
            continue
        ledger.load(entry.id)
        for activity, factor in zip(reading.activities, confirmed, strict=True):
            if factor is not None:
                share.factors.append(_factor(entry, factor, activity))
    share.datasets.append(replace(DATASET, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()


def _entries(sources: SourceFolder) -> Iterator[_Entry]:
    labels: dict[str, DesnzRow] = {}
    for row in rows_2025(sources):
        labels.setdefault(row.id.rpartition("_")[0], row)
    # Numbers stay text: a float would add its own digits.
    for record in json.loads(sources.read(REVISED_2026), parse_float=str)["factors"]:
        group = record["sourceReference"].removeprefix("DESNZ 2026 flat file, row group ")
        if group not in labels or record["publishedGwpBasis"] != "Ar5" or not record.get("components", {}).keys() <= _GASES.keys():
            raise UnmappedRow(f"{record['id']}: unknown row group, GWP basis or gas: {record}")
        masses = {_GASES[name]: mass for name, mass in record.get("components", {}).items()}
        yield _Entry(record["id"], labels[group], record["publishedCo2eKgPerUnit"], masses, record.get("biogenicCarbonKg"))


def _double(label: DesnzRow) -> str | None:
    if label.unit == "miles":
        return "the same factor per mile: miles convert exactly from kilometres"
    if section_of(label)[0] == "managed assets":
        return "the same factors as own vehicles and UK electricity, under a scope 3 label of managed assets"
    return None


def _doubt(entry: _Entry, june: Factor | None) -> str | None:
    """Why the June edition does not confirm an entry, None if it does: total, gases and biogenic CO2 must all be there and equal."""
    if june is None:
        return "not confirmed: the full set of June 2026 has no factor for this row group"
    printed = {part.gas: printed_number(part.printed_value) for part in june.gases if part.gas != "CO2e"}
    masses = {gas: printed_number(mass) * _GWPS[gas] for gas, mass in entry.masses.items()}
    is_equal = (
        abs(printed_number(entry.co2e) - printed_number(june.value_printed)) <= _HALF_STEP
        and masses.keys() == printed.keys()
        and all(abs(masses[gas] - printed[gas]) <= _HALF_STEP for gas in masses)
    )
    if not is_equal:
        return "not confirmed: the full set of June 2026 prints another figure for this row group; this copy lost the column headings"
    if (june.biogenic_co2 is None) != (entry.biogenic_co2 is None):
        return "biogenic CO2 is missing in this copy: the factor of the full set of June 2026 has it"
    if june.biogenic_co2 and june.biogenic_co2.kg_per_unit != printed_number(entry.biogenic_co2 or ""):
        return "not confirmed: the full set of June 2026 prints another figure of biogenic CO2"
    return None


def _factor(entry: _Entry, june: Factor, activity: ActivityType) -> Factor:
    """The June factor over again, with the figures and the row of the copy."""
    unit_printed = f"kg CO2e per {entry.label.unit}"
    derivation = "divided by the copy's maker by the AR5 GWP"
    if entry.masses:
        gases = tuple(
            GasPart(
                gas, printed_number(mass), None, DATASET.id, entry.id, mass, f"kg {gas.split('_')[0]} per {entry.label.unit}", derivation
            )
            for gas, mass in entry.masses.items()
        )
    else:
        gases = (GasPart("CO2e", printed_number(entry.co2e), "AR5", DATASET.id, entry.id, entry.co2e, unit_printed, "as printed"),)
    biogenic_co2 = None
    if entry.biogenic_co2 is not None:
        unit = f"kg CO2 per {entry.label.unit} (the copy calls it biogenicCarbonKg)"
        biogenic_co2 = GasPart(
            "CO2", printed_number(entry.biogenic_co2), None, DATASET.id, entry.id, entry.biogenic_co2, unit, "as printed"
        )
    return new_factor(
        activity,
        DATASET,
        june.region,
        june.unit,
        gases,
        stage=june.stage,
        purpose=june.purpose,
        technology=june.technology,
        is_default=june.is_default,
        biogenic_co2=biogenic_co2,
        gas_coverage=june.gas_coverage,
        source_row=f"{entry.id}: row group {entry.label.id.rpartition('_')[0]}",
        value_printed=entry.co2e,
        unit_printed=unit_printed,
        notes=(*june.notes, _NOTE),
    )

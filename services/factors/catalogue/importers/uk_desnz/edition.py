"""One edition of the UK conversion factors: fuels, bioenergy, energy, vehicles, with their upstream and biogenic rows."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.importers.uk_desnz.gases import EditionGwps, RowGroup, disagreement, gas_parts
from services.factors.catalogue.importers.uk_desnz.rows import END_MARK, FLAT_2021, FLAT_2025, DesnzRow
from services.factors.catalogue.importers.uk_desnz.vehicles import vehicle_activity_type
from services.factors.catalogue.pack_model import ActivityType, Dataset, GasPart
from services.factors.catalogue.printed_numbers import printed_number, printed_text
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.taxonomy import TABLES, activity_types_named

_ATTRIBUTION = "Contains public sector information licensed under the Open Government Licence v3.0."
_TITLE = "UK Government GHG Conversion Factors for Company Reporting, flat file"

_FUEL_UNITS = {"tonnes": "t", "litres": "L", "cubic metres": "m3", "kwh (gross cv)": "kWh_gross", "kwh (net cv)": "kWh_net"}
# Bioenergy: "All factors are on a net calorific value basis" (2025 full set, sheet Bioenergy, row 8).
_BIOENERGY_UNITS = {"tonnes": "t", "kg": "kg", "litres": "L", "gj": "GJ_net", "kwh": "kWh_net"}
_ENERGY_UNITS = {"kwh": "kWh"}
_DISTANCE_UNITS = {"km": "km"}

_BLENDS = "Forecourt fuels containing biofuel"
_BLEND_ENERGY = "kWh of blends: printed to two decimals in 2025, so the biogenic CO2 per kWh is derived from the row per tonne"
_BIOENERGY_BASIS = "CH4 and N2O as CO2e on a GWP basis that the publisher does not state (several values are the same in 2021 and 2025)."


@dataclass(frozen=True, slots=True)
class _Use:
    """What a section of rows is: its stage and, where it is not the usual answer of that stage, what it is instead."""

    stage: str
    technology: str | None = None

    @property
    def is_default(self) -> bool:
        """Whether it answers when neither stage nor technology is asked for."""
        return self.stage == "direct" and self.technology is None


_ENERGY_USES = {
    "Electricity generated": _Use("direct"),
    "Heat and steam": _Use("direct"),
    "T&D- UK electricity": _Use("transmission_losses"),
    "Distribution - district heat & steam": _Use("transmission_losses"),
    "WTT- UK electricity (generation)": _Use("upstream"),
    "WTT- UK electricity (T&D)": _Use("upstream", "of transmission and distribution losses"),
    "WTT- heat and steam": _Use("upstream"),
    "WTT- district heat & steam distribution": _Use("upstream", "of distribution losses"),
}
_ON_SITE = "Onsite heat and steam"


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition, its file, and the GWP set behind its CO2e."""

    dataset: Dataset
    path: str
    gwp_set: str


def _edition(year: int, version: str, publisher: str, path: str, gwp_set: str) -> Edition:
    dataset = Dataset(
        f"uk-desnz-{year}",
        f"UK conversion factors {year}",
        publisher,
        _TITLE,
        version,
        year,
        None,
        "Open Government Licence v3.0",
        _ATTRIBUTION,
        "A",
        None,
        has_vintage=True,
        is_global=False,
        source_files=(),
    )
    return Edition(dataset, path, gwp_set)


EDITION_2021 = _edition(2021, "2021, version 3.0", "Department for Business, Energy and Industrial Strategy, and Defra", FLAT_2021, "AR4")
EDITION_2025 = _edition(2025, "2025", "Department for Energy Security and Net Zero", FLAT_2025, "AR5")


@cache
def _sections() -> dict[str, tuple[str, str]]:
    with (TABLES / "uk_desnz_sections.csv").open(encoding="utf-8", newline="") as file:
        return {row["level1"].casefold(): (row["treatment"], row["reason"]) for row in csv.DictReader(file)}


def _section(row: DesnzRow) -> tuple[str, str]:
    found = _sections().get(row.level1.casefold())
    if found is None:
        raise UnmappedRow(f"{row.id}: unknown section {row.level1!r}: add it to tables/uk_desnz_sections.csv")
    return found


def import_edition(edition: Edition, rows: list[DesnzRow], share: Contribution) -> None:
    """Adds the factors of one edition; every row is loaded or excluded."""
    ledger = RowLedger(edition.dataset.id, edition.path, [(row.id, row.text) for row in rows])
    kept = [row for row in rows if not _excluded(row, ledger)]
    _EditionImport(edition, ledger, kept, share).run()
    share.datasets.append(replace(edition.dataset, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()


def _excluded(row: DesnzRow, ledger: RowLedger) -> bool:
    reason = ""
    if row.level1 == END_MARK:
        reason = "end mark of the sheet"
    else:
        treatment, of_section = _section(row)
        if treatment == "secr":
            reason = of_section
        elif row.is_blank:
            reason = "blank in the source: the factor does not apply, which is not zero"
        elif treatment == "excluded":
            reason = of_section
        elif row.level2.startswith("WTT- overseas electricity"):
            reason = "activity not in this edition's taxonomy: upstream of electricity outside the UK comes with the full catalogue"
        elif row.unit == "miles":
            reason = "the same factor per mile: miles convert exactly from kilometres"
        elif row.level2 == _BLENDS and row.unit == "kWh":
            reason = _BLEND_ENERGY
    if reason:
        ledger.exclude(reason, row.id)
    return bool(reason)


class _EditionImport:
    """The rows of one edition that carry factors, grouped by activity and unit."""

    def __init__(self, edition: Edition, ledger: RowLedger, rows: list[DesnzRow], share: Contribution) -> None:
        self.edition, self.ledger, self.share = edition, ledger, share
        self.gwps = EditionGwps.of(edition.gwp_set, [row for row in rows if _section(row)[0] == "gwp"])
        for row in rows:
            if _section(row)[0] == "gwp":
                self._book_gwp(row)
        self.biogenic = {(row.level3.casefold(), row.unit.casefold()): row for row in rows if _section(row)[0] == "biogenic"}
        grouped: dict[tuple[str, ...], list[DesnzRow]] = {}
        for row in rows:
            if _section(row)[0] not in {"gwp", "biogenic"}:
                key = (row.level1, row.level2, row.level3, row.level4, row.column_text, row.unit)
                grouped.setdefault(key, []).append(row)
        self.groups = [RowGroup.of(of_group) for of_group in grouped.values()]

    def _book_gwp(self, row: DesnzRow) -> None:
        if row.id in self.gwps.row_ids:
            self.ledger.load(row.id)
        else:
            self.ledger.exclude(_section(row)[1], row.id)

    def run(self) -> None:
        """Makes the factors of every group."""
        for group in self.groups:
            match _section(group.row)[0]:
                case "fuels":
                    self._fuel(group)
                case "bioenergy":
                    self._bioenergy(group)
                case "vehicles":
                    self._vehicle(group)
                case "energy" | "upstream energy":
                    self._energy(group)
                case "upstream fuels":
                    self._upstream(group, _FUEL_UNITS, self.edition.gwp_set, ())
                case "upstream bioenergy":
                    self._upstream(group, _BIOENERGY_UNITS, "unstated", (_BIOENERGY_BASIS,))
            self.ledger.load(*group.row_ids)

    def _fuel(self, group: RowGroup) -> None:
        biogenic = self._biogenic(group) if (group.row.level3.casefold(), "tonnes") in self.biogenic else None
        for activity in activity_types_named("uk-desnz", group.row.level3):
            self._factor(activity, group, self._unit(group, _FUEL_UNITS), self._split(group), biogenic_co2=biogenic)

    def _bioenergy(self, group: RowGroup) -> None:
        biogenic = self._biogenic(group)
        for activity in activity_types_named("uk-desnz", group.row.level3):
            gas = self._total(group, "unstated")
            notes = (_BIOENERGY_BASIS,)
            self._factor(activity, group, self._unit(group, _BIOENERGY_UNITS), (gas,), biogenic_co2=biogenic, notes=notes)

    def _vehicle(self, group: RowGroup) -> None:
        activity = vehicle_activity_type(group.row)
        if activity not in self.share.activity_types:
            self.share.activity_types.append(activity)
        notes = ("Biogenic CO2 of the fuel blend is not published per kilometre.", *([activity.note] if activity.note else []))
        self._factor(activity, group, self._unit(group, _DISTANCE_UNITS), self._split(group), notes=notes)

    def _energy(self, group: RowGroup) -> None:
        row = group.row
        use = _ENERGY_USES[row.level2]
        if row.level3 == _ON_SITE:
            use = replace(use, technology="on site")
        is_split = set(group.by_gas) != {"CO2e"}
        for activity in activity_types_named("uk-desnz", row.level3):
            is_generation = use.stage == "direct" and activity.category == "electricity"
            self._factor(
                activity,
                group,
                self._unit(group, _ENERGY_UNITS),
                self._split(group) if is_split else (self._total(group, self.edition.gwp_set),),
                biogenic_co2=self._biogenic(group) if is_generation else None,
                use=use,
                purpose="location_average" if is_generation else None,
            )

    def _upstream(self, group: RowGroup, units: dict[str, str], gwp_basis: str, notes: tuple[str, ...]) -> None:
        for activity in activity_types_named("uk-desnz", group.row.level3):
            gas = self._total(group, gwp_basis)
            self._factor(activity, group, self._unit(group, units), (gas,), use=_Use("upstream"), notes=notes)

    def _factor(
        self,
        activity: ActivityType,
        group: RowGroup,
        unit: str,
        gases: tuple[GasPart, ...],
        *,
        biogenic_co2: GasPart | None = None,
        use: _Use = _Use("direct"),
        purpose: str | None = None,
        notes: Iterable[str] = (),
    ) -> None:
        total = group.by_gas["CO2e"]
        self.share.factors.append(
            new_factor(
                activity,
                self.edition.dataset,
                "GB",
                unit,
                gases,
                stage=use.stage,
                purpose=purpose,
                technology=use.technology,
                is_default=use.is_default,
                biogenic_co2=biogenic_co2,
                gas_coverage="+".join(gas.gas.split("_")[0] for gas in gases),
                source_row=f"{total.id}: {total.text}",
                value_printed=printed_text(total.value),
                unit_printed=f"{total.gas_as_printed} per {total.unit}",
                notes=(*notes, *disagreement(group)),
            )
        )

    def _split(self, group: RowGroup) -> tuple[GasPart, ...]:
        return gas_parts(group, self.gwps, self.edition.dataset.id)

    def _total(self, group: RowGroup, gwp_basis: str) -> GasPart:
        if set(group.by_gas) != {"CO2e"}:
            raise UnmappedRow(f"{group.row.id}: expected CO2e only: {group.row.text}")
        row = group.by_gas["CO2e"]
        return self._part("CO2e", row, gwp_basis)

    def _part(self, gas: str, row: DesnzRow, gwp_basis: str | None) -> GasPart:
        printed_unit = f"{row.gas_as_printed} per {row.unit}"
        return GasPart(
            gas, printed_number(row.value), gwp_basis, self.edition.dataset.id, row.id, printed_text(row.value), printed_unit, "as printed"
        )

    def _biogenic(self, group: RowGroup) -> GasPart:
        """The "Outside of scopes" row of the same name and unit; per kWh of a blend it follows from the row per tonne."""
        name = group.row.level3.casefold()
        row = self.biogenic.get((name, group.row.unit.casefold()))
        if row is not None:
            self.ledger.load(row.id)
            return self._part("CO2", row, None)
        per_tonne = self.biogenic[name, "tonnes"]
        part = self._part("CO2", per_tonne, None)
        fossil = group.by_gas["CO2"]
        fossil_per_tonne = next(
            other.by_gas["CO2"]
            for other in self.groups
            if (other.row.level1, other.row.level3, other.row.unit) == (group.row.level1, group.row.level3, "tonnes")
        )
        return replace(
            part,
            kg_per_unit=part.kg_per_unit * printed_number(fossil.value) / printed_number(fossil_per_tonne.value),
            derivation=f"{part.printed_value} kg/t × {printed_text(fossil.value)} kg CO2 per {fossil.unit}"
            f" ÷ {printed_text(fossil_per_tonne.value)} kg CO2 per tonne of the same blend",
        )

    def _unit(self, group: RowGroup, units: dict[str, str]) -> str:
        unit = units.get(group.row.unit.casefold())
        if unit is None:
            raise UnmappedRow(f"{group.row.id}: unknown unit {group.row.unit!r}: {group.row.text}")
        return unit

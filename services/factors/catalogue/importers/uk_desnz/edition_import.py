"""One edition of the UK conversion factors: fuels, bioenergy, energy, vehicles, with their upstream and biogenic rows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.importers.uk_desnz.editions import Edition, exclusion_of, section_of
from services.factors.catalogue.importers.uk_desnz.gases import EditionGwps, RowGroup, disagreement, gas_parts
from services.factors.catalogue.importers.uk_desnz.rows import DesnzRow
from services.factors.catalogue.importers.uk_desnz.vehicles import BATTERY_ELECTRIC, vehicle_activity_type
from services.factors.catalogue.pack_model import ActivityType, GasPart
from services.factors.catalogue.printed_numbers import printed_number, printed_text
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.taxonomy import activity_types_named

_FUEL_UNITS = {"tonnes": "t", "litres": "L", "cubic metres": "m3", "kwh (gross cv)": "kWh_gross", "kwh (net cv)": "kWh_net"}
# Bioenergy: "All factors are on a net calorific value basis" (2025 full set, sheet Bioenergy, row 8).
_BIOENERGY_UNITS = {"tonnes": "t", "kg": "kg", "litres": "L", "gj": "GJ_net", "kwh": "kWh_net"}
_ENERGY_UNITS = {"kwh": "kWh"}
_DISTANCE_UNITS = {"km": "km"}

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


def import_edition(edition: Edition, rows: list[DesnzRow], share: Contribution) -> None:
    """Adds the factors of one edition; every row is loaded or excluded."""
    ledger = RowLedger(edition.dataset.id, edition.path, [(row.id, row.text) for row in rows])
    kept = []
    for row in rows:
        if reason := exclusion_of(row):
            ledger.exclude(reason, row.id)
        else:
            kept.append(row)
    _EditionImport(edition, ledger, kept, share).add_factors()
    share.datasets.append(replace(edition.dataset, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()


class _EditionImport:
    """The rows of one edition that carry factors, grouped by activity and unit."""

    def __init__(self, edition: Edition, ledger: RowLedger, rows: list[DesnzRow], share: Contribution) -> None:
        self.edition, self.ledger, self.share = edition, ledger, share
        self.gwps = EditionGwps.of(edition.gwp_set, [row for row in rows if section_of(row)[0] == "gwp"])
        for row in rows:
            if section_of(row)[0] == "gwp":
                self._book_gwp(row)
        self.biogenic = {(row.level3.casefold(), row.unit.casefold()): row for row in rows if section_of(row)[0] == "biogenic"}
        grouped: dict[tuple[str, ...], list[DesnzRow]] = {}
        for row in rows:
            if section_of(row)[0] not in {"gwp", "biogenic"}:
                key = (row.level1, row.level2, row.level3, row.level4, row.column_text, row.unit)
                grouped.setdefault(key, []).append(row)
        self.groups = [RowGroup.of(of_group) for of_group in grouped.values()]

    def _book_gwp(self, row: DesnzRow) -> None:
        if row.id in self.gwps.row_ids:
            self.ledger.load(row.id)
        else:
            self.ledger.exclude(section_of(row)[1], row.id)

    def add_factors(self) -> None:
        """Adds the factors of every group to the share."""
        for group in self.groups:
            match section_of(group.row)[0]:
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
                case treatment:
                    raise UnmappedRow(f"tables/uk_desnz_sections.csv: unknown treatment {treatment!r} of {group.row.level1!r}")
            self.ledger.load(*group.row_ids)

    def _fuel(self, group: RowGroup) -> None:
        biogenic = self._biogenic_of_blend(group)
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
        notes = [activity.note] if activity.note else []
        if group.row.column_text != BATTERY_ELECTRIC:
            notes.append("Biogenic CO2 of the fuel blend is not published per kilometre.")
        self._factor(activity, group, self._unit(group, _DISTANCE_UNITS), self._split(group), notes=notes)

    def _energy(self, group: RowGroup) -> None:
        row = group.row
        if row.level2 not in _ENERGY_USES:
            raise UnmappedRow(f"{row.id}: unknown energy section {row.level2!r}: {row.text}")
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
        """The "Outside of scopes" row of the same name and unit."""
        row = self.biogenic.get((group.row.level3.casefold(), group.row.unit.casefold()))
        if row is None:
            raise UnmappedRow(f"{group.row.id}: no biogenic CO2 outside of scopes for {group.row.text}")
        self.ledger.load(row.id)
        return self._part("CO2", row, None)

    def _biogenic_of_blend(self, group: RowGroup) -> GasPart | None:
        """Biogenic CO2 of a fuel blend: the row of the same unit; per kWh it follows from the row per tonne. None for other fuels."""
        name, unit = group.row.level3.casefold(), group.row.unit.casefold()
        per_tonne = self.biogenic.get((name, "tonnes"))
        if per_tonne is None or (name, unit) in self.biogenic:
            return None if per_tonne is None else self._biogenic(group)
        part, fossil = self._part("CO2", per_tonne, None), group.by_gas["CO2"]
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

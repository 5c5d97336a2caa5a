"""One edition of the UK conversion factors: every section of its file, each row loaded or left out with its reason."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from services.factors.catalogue.contribution import Contribution, declare, new_factor
from services.factors.catalogue.importers.uk_desnz.doubles import doubles
from services.factors.catalogue.importers.uk_desnz.editions import Edition, section_of
from services.factors.catalogue.importers.uk_desnz.exclusions import exclusion_of
from services.factors.catalogue.importers.uk_desnz.gases import EditionGwps, RowGroup, disagreement, gas_parts, rounded_to_nothing
from services.factors.catalogue.importers.uk_desnz.readings import Reading, reading_of
from services.factors.catalogue.importers.uk_desnz.rows import DesnzRow
from services.factors.catalogue.pack_model import ActivityType, GasPart
from services.factors.catalogue.printed_numbers import printed_number, printed_text
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger

_NO_PLACE = "an average of a part of the world that has no code: a factor answers for a country, and for no other"
_UPLIFTED = "part of a total with radiative forcing, in which CO2 is raised and is no mass: the total is loaded as CO2e"


def import_edition(edition: Edition, rows: list[DesnzRow], share: Contribution, elsewhere: Iterable[tuple[DesnzRow, str]] = ()) -> None:
    """Adds the factors of one edition; every row is loaded or excluded.

    elsewhere    further rows of the file, which this edition does not take, each with the reason
    """
    other_rows = list(elsewhere)
    ledger = RowLedger(edition.dataset.id, edition.path, [(row.id, row.text) for row in (*rows, *(row for row, _ in other_rows))])
    kept = []
    for row in rows:
        if reason := exclusion_of(row):
            ledger.exclude(reason, row.id)
        else:
            kept.append(row)
    doubled = doubles(kept)
    for row_id, reason in (*doubled.items(), *((row.id, reason) for row, reason in other_rows)):
        ledger.exclude(reason, row_id)
    _EditionImport(edition, ledger, [row for row in kept if row.id not in doubled], share).add_factors()
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
                key = (row.level1, row.level2, row.level3, row.level4, row.column_text.casefold(), row.unit)
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
            reading = reading_of(group.row)
            if not reading.region:
                self.ledger.exclude(_NO_PLACE, *group.row_ids)
                continue
            if reading.gases == "uplifted total":
                self.ledger.exclude(_UPLIFTED, *(row.id for gas, row in group.by_gas.items() if gas != "CO2e"))
                self.ledger.load(group.row.id)
            else:
                self.ledger.load(*group.row_ids)
            declare(reading.activities, self.share)
            for activity in reading.activities:
                self._factor(activity, group, reading)

    def _factor(self, activity: ActivityType, group: RowGroup, reading: Reading) -> None:
        gases, total = self._gases(group, reading), group.row
        self.share.factors.append(
            new_factor(
                activity,
                self.edition.dataset,
                reading.region,
                reading.unit,
                gases,
                stage=reading.stage,
                purpose=reading.purpose,
                technology=reading.technology,
                is_default=reading.is_default,
                biogenic_co2=self._biogenic_co2(group, reading),
                gas_coverage="+".join(gas.gas.split("_")[0] for gas in gases),
                source_row=f"{total.id}: {total.text}",
                value_printed=printed_text(total.value),
                unit_printed=f"{total.gas_as_printed} per {total.unit}",
                notes=(*reading.notes, *self._notes(activity, group, reading)),
            )
        )

    def _notes(self, activity: ActivityType, group: RowGroup, reading: Reading) -> Iterator[str]:
        if reading.gases == "split":
            yield from (*disagreement(group), *rounded_to_nothing(group))
        if self.edition.electricity_note and activity.category == "electricity" and reading.stage != "upstream":
            yield self.edition.electricity_note

    def _gases(self, group: RowGroup, reading: Reading) -> tuple[GasPart, ...]:
        if (set(group.by_gas) == {"CO2e"}) != (reading.gases == "total"):
            raise UnmappedRow(f"{group.row.id}: gases {list(group.by_gas)}, expected {reading.gases}: {group.row.text}")
        if reading.gases == "split":
            return gas_parts(group, self.gwps, self.edition.dataset.id)
        return (self._part("CO2e", group.row, reading.gwp_basis or self.edition.gwp_set),)

    def _part(self, gas: str, row: DesnzRow, gwp_basis: str | None) -> GasPart:
        printed_unit = f"{row.gas_as_printed} per {row.unit}"
        return GasPart(
            gas, printed_number(row.value), gwp_basis, self.edition.dataset.id, row.id, printed_text(row.value), printed_unit, "as printed"
        )

    def _biogenic_co2(self, group: RowGroup, reading: Reading) -> GasPart | None:
        match reading.biogenic:
            case "same name":
                return self._biogenic(group)
            case "blend":
                return self._biogenic_of_blend(group)
        return None

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

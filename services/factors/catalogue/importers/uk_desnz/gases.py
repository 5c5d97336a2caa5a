"""From the UK's gas rows to masses. Each is kg CO2e of a gas: its mass is the value divided by the edition's own GWP, exactly."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ghg.factors import mass_of_co2e
from ghg.gwp import gwp_set
from ghg.rounding import ratio_text
from services.factors.catalogue.importers.uk_desnz.rows import DesnzRow
from services.factors.catalogue.pack_model import GasPart
from services.factors.catalogue.printed_numbers import printed_number, printed_text
from services.factors.catalogue.refusals import UnmappedRow

_SPLIT = ("CO2", "CH4", "N2O")
_DECIMALS = 5  # of this publisher; a few values carry more
# What is split by gas is mostly fossil, and the publisher has one GWP for all methane.
_NAMES = {"CO2": "CO2", "CH4": "CH4_fossil", "N2O": "N2O"}


@dataclass(frozen=True, slots=True)
class EditionGwps:
    """The GWPs of methane and nitrous oxide that the edition itself prints among its refrigerants."""

    values: dict[str, Fraction]
    row_ids: tuple[str, ...]

    @classmethod
    def of(cls, gwp_set_name: str, rows: list[DesnzRow]) -> "EditionGwps":
        """Read from the edition's rows of pure gases.

        raises    UnmappedRow, if the edition prints other values than the GWP set that it is known to use
        """
        found = {gas: next(row for row in rows if row.level3 == name) for gas, name in (("CH4", "Methane"), ("N2O", "Nitrous oxide"))}
        values = {gas: printed_number(row.value) for gas, row in found.items()}
        expected = gwp_set(gwp_set_name)
        if values != {"CH4": expected.of("CH4_biogenic"), "N2O": expected.of("N2O")}:
            raise UnmappedRow(f"the edition prints the GWPs {values}, which are not those of {gwp_set_name}")
        return cls(values, tuple(row.id for row in found.values()))


@dataclass(frozen=True, slots=True)
class RowGroup:
    """The rows of one activity and unit: the total, and mostly the three gases."""

    by_gas: dict[str, DesnzRow]

    @classmethod
    def of(cls, rows: list[DesnzRow]) -> "RowGroup":
        """The group of these rows.

        raises    UnmappedRow, if a gas stands twice or the group is neither a total alone nor a total with three gases
        """
        by_gas = {row.gas: row for row in rows}
        if len(by_gas) != len(rows) or set(by_gas) not in ({"CO2e"}, {"CO2e", *_SPLIT}):
            raise UnmappedRow(f"{rows[0].id}: gases {[row.gas for row in rows]} make no factor: {rows[0].text}")
        return cls(by_gas)

    @property
    def row(self) -> DesnzRow:
        """The row of the total."""
        return self.by_gas["CO2e"]

    @property
    def row_ids(self) -> tuple[str, ...]:
        """All rows of the group."""
        return tuple(row.id for row in self.by_gas.values())


def gas_parts(group: RowGroup, gwps: EditionGwps, dataset: str) -> tuple[GasPart, ...]:
    """Masses of CO2, CH4 and N2O in kg per unit."""
    parts = []
    for gas in _SPLIT:
        row = group.by_gas[gas]
        printed = printed_text(row.value)
        gwp = gwps.values.get(gas)
        mass = printed_number(row.value) if gwp is None else mass_of_co2e(printed_number(row.value), gwp)
        derivation = "as printed" if gwp is None else f"{printed} kg CO2e ÷ {gwp}, the edition's GWP of {gas}"
        unit = f"kg CO2e of {gas} per {row.unit}"
        parts.append(GasPart(_NAMES[gas], mass, None, dataset, row.id, printed, unit, derivation))
    return tuple(parts)


def disagreement(group: RowGroup) -> tuple[str, ...]:
    """A note where the printed total is not the sum of the printed gases; the gases are what is used.

    Four figures rounded to the same decimals may disagree by two steps of the last decimal: that is no disagreement.
    """
    if set(group.by_gas) == {"CO2e"}:
        return ()
    decimals = min(_DECIMALS, max(len(printed_text(row.value).partition(".")[2]) for row in group.by_gas.values()))
    total = printed_number(group.by_gas["CO2e"].value)
    gap = sum((printed_number(group.by_gas[gas].value) for gas in _SPLIT), Fraction(0)) - total
    if abs(gap) <= 2 * Fraction(1, 10**decimals):
        return ()
    return (f"The printed gases add up to {ratio_text(total + gap)}, the printed total is {ratio_text(total)}.",)


def rounded_to_nothing(group: RowGroup) -> Iterator[str]:
    """A note for each gas that is printed as 0.00000 beside others that are not: the 2022 CSV holds no more decimals."""
    if printed_number(group.row.value) == 0:
        return
    for gas in _SPLIT:
        row = group.by_gas[gas]
        if row.value == f"{0:.{_DECIMALS}f}":
            yield f"{gas} is printed as {row.value}: less than 0.000005 kg CO2e, counted as nothing."

"""One row of the UK conversion factors, whichever edition and file it stands in."""

from dataclasses import dataclass

from services.factors.catalogue.refusals import UnmappedRow

END_MARK = "END"

# All of these are kg CO2e of that gas, also where an edition prints "kg CH4".
_GASES = {
    "kg CO2e": "CO2e",
    **{f"kg {gas}": gas for gas in ("CO2", "CH4", "N2O")},
    **{f"kg CO2e of {gas}{end}": gas for gas in ("CO2", "CH4", "N2O") for end in ("", " per unit")},
}


@dataclass(frozen=True, slots=True)
class DesnzRow:
    """One row of a flat file, or one figure of a full set. Where the publisher has no row ids, the row number or the cell is the id."""

    id: str
    scope: str
    level1: str
    level2: str
    level3: str
    level4: str
    column_text: str
    unit: str
    gas_as_printed: str
    value: str | float

    @property
    def text(self) -> str:
        """The row in one line."""
        parts = (self.scope, self.level1, self.level2, self.level3, self.level4, self.column_text, self.unit, self.gas_as_printed)
        return " | ".join(part for part in (*parts, str(self.value)) if part)

    @property
    def is_blank(self) -> bool:
        """Whether the cell is empty: the factor does not apply, which is not zero."""
        return self.value == ""

    @property
    def gas(self) -> str:
        """CO2, CH4, N2O or CO2e.

        raises    UnmappedRow, if the gas column holds anything else
        """
        if self.gas_as_printed not in _GASES:
            raise UnmappedRow(f"row {self.id}: unknown gas {self.gas_as_printed!r}: {self.text}")
        return _GASES[self.gas_as_printed]

    @property
    def section(self) -> str:
        """The block of the table, without the marks of where it is repeated: `WTT- vans` and `Managed vans` are `Vans`."""
        return self.level2.removeprefix("WTT- ").removeprefix("Managed ").casefold()

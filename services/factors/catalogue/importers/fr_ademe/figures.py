"""From the gas columns to masses: each is kg CO2e of a gas, its mass is the figure divided by the GWP that the file was made with.

The file does not name its GWPs. Its own figures show them: the combustion rows of 47 fuels are the IPCC 2006 default rates times 27.9 for
fossil methane (0.0279 = 1 g/GJ, 0.0837 = 3 g/GJ, 0.279 = 10 g/GJ) and times 273 for nitrous oxide (0.41 = 1.5 g/GJ, 0.819 = 3 g/GJ), which
are AR6's values for methane of unsaid origin and for N2O. Biogenic methane stands at 28, AR5's value (0.0056 = 0.0002 kg, 0.00392 and
0.00378 = 0.14 and 0.135 g). Where only a total is printed, its GWP set is unstated.
"""

from dataclasses import dataclass
from fractions import Fraction

from ghg.rounding import ratio_text
from services.factors.catalogue.importers.fr_ademe.rows import BASE_CARBONE, AdemeRow
from services.factors.catalogue.importers.fr_ademe.units import PrintedUnit
from services.factors.catalogue.pack_model import GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow

GWPS = {"CO2": Fraction(1), "CH4_fossil": Fraction("27.9"), "CH4_biogenic": Fraction(28), "N2O": Fraction(273)}

_GAS_COLUMNS = {"CO2f": "CO2", "CH4f": "CH4_fossil", "CH4b": "CH4_biogenic", "N2O": "N2O"}
_OTHER_COLUMNS = (*(f"Valeur gaz supplémentaire {number}" for number in range(1, 6)), "Autres GES")
_OTHER_NAMES = {"": "other gases", "Divers": "contrails", "SF6": "SF6"}
_BIOGENIC = "CO2b"
_TOTAL = "Total poste non décomposé"
_TOO_FAR = Fraction(1, 100)
_DIGITS = 3  # that the publisher prints, without zeros at the end


@dataclass(frozen=True, slots=True)
class Figures:
    """What one or several rows emit per unit of a factor.

    gases     masses, and CO2e for what the file gives as such
    coverage  the gases that the publisher counts
    notes     what a reader has to know about them
    """

    gases: tuple[GasPart, ...]
    biogenic_co2: GasPart | None
    coverage: str
    notes: tuple[str, ...]


def is_negative(row: AdemeRow) -> bool:
    """Whether the total or fossil CO2 is below zero: a removal, or emissions net of one."""
    return row.total.startswith("-") or row.cells["CO2f"].startswith("-")


def figures_of(rows: tuple[AdemeRow, ...], unit: PrintedUnit, dataset: str) -> Figures:
    """The emissions of these rows, added up if there are several: by gas where all give gases, else as CO2e on an unstated basis.

    raises    MalformedNumber, for a figure below zero; UnmappedRow, for a gas that is not known or gases that miss the total
    """
    if not all(row.cells["CO2f"] for row in rows):
        total = _part("CO2e", "unstated", [(row, _TOTAL) for row in rows], unit, dataset)
        return Figures((total,), None, "CO2e", ("CO2e only, on a GWP basis that the publisher does not state.",))
    gases = tuple(_part(gas, None, [(row, column) for row in rows], unit, dataset) for column, gas in _GAS_COLUMNS.items())
    others = [(row, column) for row in rows for column in _OTHER_COLUMNS if row.cells[column] not in ("", "0")]
    notes = ["Gas masses are the printed CO2e of each gas divided by 27.9 (CH4f), 28 (CH4b) and 273 (N2O), the GWPs behind the file."]
    if others:
        gases += (_part("CO2e", "unstated", others, unit, dataset),)
        names = " and ".join(sorted({_other_name(row, column) for row, column in others}))
        notes.append(f"Beside them {names}, as CO2e on a basis that the publisher does not state.")
    notes += [note for row in rows for note in _gap(row)]
    biogenic, biogenic_note = _biogenic_co2(rows, unit, dataset)
    coverage = "CO2+CH4+N2O+others" if others else "CO2+CH4+N2O"
    return Figures(_without_idle_methane(gases), biogenic, coverage, (*notes, *biogenic_note))


def co2_only(row: AdemeRow, unit: PrintedUnit, dataset: str) -> Figures:
    """A total that the publisher calls CO2e although it took it from a source that counts CO2 alone."""
    total = _part("CO2", None, [(row, _TOTAL)], unit, dataset)
    return Figures((total,), None, "CO2", ("CO2 only, although the publisher calls it CO2e: its source counts no CH4 and no N2O.",))


def _part(gas: str, basis: str | None, figures: list[tuple[AdemeRow, str]], unit: PrintedUnit, dataset: str) -> GasPart:
    printed = [row.cells[column] for row, column in figures]
    gwp = GWPS.get(gas, Fraction(1))
    value = sum((printed_number(text) for text in printed), Fraction(0)) / gwp * unit.printed_per_unit
    terms = " + ".join(printed)
    derivation = f"({terms})" if len(printed) > 1 else terms
    derivation += "" if gwp == 1 else f" ÷ {ratio_text(gwp)}, the file's GWP of {gas}"
    derivation += "" if unit.printed_per_unit == 1 else f" × {ratio_text(unit.printed_per_unit)} ({unit.printed} to {unit.unit})"
    rows = ", ".join(dict.fromkeys(row.id for row, _ in figures))
    what = "kgCO2e" if figures[0][1] == _TOTAL or gas == "CO2e" else f"kgCO2e of {gas}"
    return GasPart(gas, value, basis, dataset, rows, terms, f"{what}/{unit.printed}", derivation)


def _without_idle_methane(gases: tuple[GasPart, ...]) -> tuple[GasPart, ...]:
    """Without biogenic methane where the publisher has none of it, which is nearly everywhere."""
    return tuple(part for part in gases if part.gas != "CH4_biogenic" or part.kg_per_unit)


def _biogenic_co2(rows: tuple[AdemeRow, ...], unit: PrintedUnit, dataset: str) -> tuple[GasPart | None, tuple[str, ...]]:
    """The column CO2b: burnt biomass where it is above zero; what plants took up (below zero) is no emission and is named only."""
    printed = [row.cells[_BIOGENIC] for row in rows]
    if uptake := [text for text in printed if text.startswith("-")]:
        return None, (f"Biogenic CO2 of {', '.join(uptake)} kg, an uptake by plants, is not counted.",)
    if all(printed_number(text) == 0 for text in printed):
        return None, ()
    return _part("CO2", None, [(row, _BIOGENIC) for row in rows], unit, dataset), ()


def _other_name(row: AdemeRow, column: str) -> str:
    code = row.cells[column.replace("Valeur", "Code")] if column.startswith("Valeur") else ""
    if code not in _OTHER_NAMES:
        raise UnmappedRow(f"{BASE_CARBONE} {row.id}: unknown additional gas {code!r}")
    return _OTHER_NAMES[code]


def _gap(row: AdemeRow) -> list[str]:
    """A note where the gases do not make the total within the rounding of all figures.

    raises    UnmappedRow, if they miss it by more than one percent
    """
    printed = [row.cells[column] for column in (*_GAS_COLUMNS, *_OTHER_COLUMNS) if row.cells[column]]
    gases = sum((printed_number(text) for text in printed), Fraction(0))
    total = printed_number(row.total)
    if abs(gases - total) > _TOO_FAR * total:
        raise UnmappedRow(f"{BASE_CARBONE} {row.id}: the gases add up to {ratio_text(gases)}, the total is {row.total}")
    if abs(gases - total) <= sum(map(half_digit, (*printed, row.total)), Fraction(0)):
        return []
    return [f"The printed gases add up to {ratio_text(gases)}, the printed total is {row.total}: the gases are used."]


def half_digit(printed: str) -> Fraction:
    """Half of the last digit of a printed number, which is how far rounding may have moved it; three digits are printed, zeros cut off."""
    digits = printed.lower().partition("e")[0].replace(".", "").lstrip("0")
    decimals = len(printed.lower().partition("e")[0].partition(".")[2]) + max(0, _DIGITS - len(digits))
    exponent = int(printed.lower().partition("e")[2] or 0)
    return Fraction(10) ** (exponent - decimals) / 2 if printed_number(printed) else Fraction(0)

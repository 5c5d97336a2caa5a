"""Global warming potentials over 100 years, by assessment report."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from ghg import gwp_values
from ghg.errors import MissingGwp, UnknownGas, UnknownGwpSet

GWP_SETS = ("AR4", "AR5", "AR6")
LONGEST_SPELLING = 24
CO2E = "CO2e"  # of a publisher who gives nothing else: keeps its own basis, has no mass and no GWP


@dataclass(frozen=True, slots=True)
class GwpSet:
    """The GWP-100 values of one assessment report, each with the table that prints it. A gas without a value is absent."""

    name: str
    values: Mapping[str, Fraction]
    sources: Mapping[str, str]

    def of(self, gas: str) -> Fraction:
        """kg CO2e per kg of this gas.

        raises  MissingGwp, also for CO2e: a figure that is CO2e already is never converted
        """
        value = self.values.get(gas)
        if value is None:
            raise MissingGwp(gas, self.name)
        return value


def gwp_set(name: str) -> GwpSet:
    """The set of this name: AR4, AR5 or AR6.

    raises  UnknownGwpSet
    """
    found = _SETS.get(name)
    if found is None:
        raise UnknownGwpSet(f"unknown GWP set {name!r}", f"choose one of {', '.join(GWP_SETS)}")
    return found


def gases() -> tuple[str, ...]:
    """Every gas known by name, also those for which no set has a value."""
    return tuple(row[0] for row in _ROWS)


def usual_name(spelling: str) -> str:
    """The name under which the accounting keeps a gas that a source writes otherwise: HFC134a, PFC-14, R-32, C3H8.

    raises  UnknownGas; also for plain "CH4", which must say fossil or biogenic
    """
    found = _NAMES.get(_bare(spelling))
    if found is None:
        near = _near(_bare(spelling))
        raise UnknownGas(f"unknown gas {spelling!r:.60}", f"write {' or '.join(near)}" if near else "see the list of gases")
    return found


def _near(bare: str) -> list[str]:
    if len(bare) > LONGEST_SPELLING:  # comparing a long text with every name is slow, and nothing is near it
        return []
    origins = [gas for known, gas in _NAMES.items() if known.startswith(f"{bare}_")]
    return origins or [_NAMES[known] for known in difflib.get_close_matches(bare, _NAMES, n=3)]


def _bare(name: str) -> str:
    return name.replace("-", "").replace(" ", "").casefold()


def _rows() -> Iterator[tuple[str, dict[str, str], list[str]]]:
    for line in gwp_values.GWP_100.strip().splitlines():
        if line and not line.startswith("#"):
            gas, ar4, ar5, ar6, spellings = (cell.strip() for cell in line.split("|"))
            yield gas, {"AR4": ar4, "AR5": ar5, "AR6": ar6}, [spelling.strip() for spelling in spellings.split(",") if spelling]


def _source(name: str, gas: str) -> str:
    if name == "AR6" and gas in gwp_values.AR6_MAIN_GASES:
        return gwp_values.CITATION_AR6_MAIN_GASES
    return gwp_values.CITATIONS[name]


def _set(name: str) -> GwpSet:
    values = {gas: Fraction(by_set[name]) for gas, by_set, _ in _ROWS if by_set[name] != "-"}
    sources = {gas: _source(name, gas) for gas in values}
    return GwpSet(name, MappingProxyType(values), MappingProxyType(sources))


_ROWS = tuple(_rows())
# As a refrigerant a gas goes by the number alone: HFC-32 is R-32 (ANSI/ASHRAE Standard 34, section 4).
_NUMBERED = re.compile(r"(?:HFC|HCFC|CFC|HFO|HC|PFC)-(.+)")
_REFRIGERANTS = {
    _bare(f"R-{numbered[1]}"): gas for gas, _, spellings in _ROWS for name in (gas, *spellings) if (numbered := _NUMBERED.fullmatch(name))
}
_NAMES = _REFRIGERANTS | {_bare(spelling): gas for gas, _, spellings in _ROWS for spelling in (gas, *spellings)}
_SETS = {name: _set(name) for name in GWP_SETS}

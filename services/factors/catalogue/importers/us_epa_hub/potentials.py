"""The hub's GWPs (preamble, Tables 11 and 12): no factors, but a check of the accounting's GWP sets and of the edition's own blends."""

import re
from fractions import Fraction

from ghg.errors import UnknownGas
from ghg.gwp import gwp_set, usual_name
from ghg.rounding import ratio_text
from services.factors.catalogue.importers.us_epa_hub.workbook import PREAMBLE, HubRow, HubSheet
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow

_NAMES = {"Carbon dioxide": "CO2", "Methane": "CH4_biogenic", "CH4": "CH4_biogenic", "Nitrous oxide": "N2O"}
_NAMES |= {"Sulfur hexafluoride": "SF6", "Nitrogen trifluoride": "NF3", "PFC-91-18": "C10F18", "HFC 143a": "HFC-143a"}
_NO_NUMBER = {"C10F18": ">7,500"}  # AR4 gives a lower bound only
_SHARE = re.compile(r"([0-9.]+)(%?) ?([A-Za-z][A-Za-z0-9 /-]*)")
_COUNTED = ("HFC", "PFC")
_UNCOUNTED = ("HCFC", "CFC")
_HYDROCARBONS = {"propane", "butane", "isobutane", "isopentane", "propylene", "butane/pentane"}
_ROUNDING = 1  # EPA rounds or truncates to whole numbers


def exclude_potentials(sheet: HubSheet) -> None:
    """Excludes every GWP, each compared with the edition's GWP set.

    raises    UnmappedRow, if a single gas has another GWP than the set that the edition names
    """
    for row in sheet.data(PREAMBLE):
        first, second = [cell for cell in row.cells if cell != ""]
        _single_gas(row, str(first), str(second), sheet)
    for row in sheet.data("11"):
        value_column = "E" if sheet.edition.dataset.year == 2025 else "D"
        _single_gas(row, row.label("C"), row.label(value_column), sheet)
    for row in sheet.data("12"):
        sheet.ledger.exclude(_blend_reason(row, sheet), row.id)


def _gas(printed: str) -> str:
    name = printed.strip()
    return usual_name(_NAMES.get(name, name))


def _single_gas(row: HubRow, printed_gas: str, printed_value: str, sheet: HubSheet) -> None:
    gas, name = _gas(printed_gas), sheet.edition.gwp_set
    if printed_value == _NO_NUMBER.get(gas):
        sheet.ledger.exclude(f"a GWP, not a factor, and no number: {printed_value}", row.id)
        return
    known = gwp_set(name).values.get(gas)
    if known is None:
        sheet.ledger.exclude(f"a GWP, not a factor: this accounting has none of {name} for this gas", row.id)
        return
    if printed_number(printed_value) != known:
        raise UnmappedRow(f"{row.id}: GWP {printed_value} of {gas} is not that of {name}, {known}")
    sheet.ledger.exclude(f"a GWP, not a factor: equal to {name} in this accounting", row.id)


def _blend_reason(row: HubRow, sheet: HubSheet) -> str:
    printed, computed = row.value("D"), _blend_gwp(row.label("E"), sheet.edition.gwp_set)
    if printed is None:
        raise UnmappedRow(f"{row.id}: no GWP of {row.label('C')}")
    reason = "GWP of a blend, not a factor: blends are computed from their composition here; EPA counts HFC and PFC constituents only"
    if abs(printed - computed) <= _ROUNDING:
        return reason
    return f"{reason}. Doubtful: the printed composition gives {ratio_text(computed)} on {sheet.edition.gwp_set}, printed is {printed}"


def _blend_gwp(composition: str, gwp_set_name: str) -> Fraction:
    """The GWP of the HFC and PFC constituents of a composition such as "53% HCFC-22 , 13% HFC-152a".

    raises    UnmappedRow, if a constituent is unknown
    """
    total = Fraction(0)
    for part in filter(None, (part.strip() for part in composition.split(","))):
        matched = _SHARE.fullmatch(part)
        if matched is None:
            raise UnmappedRow(f"unknown constituent {part!r} of {composition!r}")
        constituent = matched[3].strip()
        if constituent.startswith(_COUNTED):
            try:
                total += printed_number(matched[1]) / 100 * gwp_set(gwp_set_name).of(_gas(constituent))
            except UnknownGas as unknown:
                raise UnmappedRow(f"unknown constituent {constituent!r} of {composition!r}") from unknown
        elif not constituent.startswith(_UNCOUNTED) and constituent not in _HYDROCARBONS:
            raise UnmappedRow(f"unknown constituent {constituent!r} of {composition!r}")
    return total

"""Gas parts of a hub table: CO2 printed in kilograms, CH4 and N2O in grams; on the grid all three in pounds."""

from fractions import Fraction

from ghg.rounding import ratio_text
from ghg.units import unit
from services.factors.catalogue.importers.us_epa_hub.workbook import HubRow
from services.factors.catalogue.pack_model import Dataset, GasPart
from services.factors.catalogue.refusals import UnmappedRow

KG_PER_LB = unit("lb").ratio


def carbon_dioxide(row: HubRow, column: str, per: str, dataset: Dataset) -> GasPart:
    """CO2 in kilograms, as printed."""
    return GasPart("CO2", number(row, column), None, dataset.id, row.id, row.label(column), f"kg CO2 per {per}", "as printed")


def methane(row: HubRow, column: str, per: str, dataset: Dataset, *, is_biogenic: bool = False) -> GasPart:
    """CH4 printed in grams."""
    return _grams(row, column, "CH4", "CH4_biogenic" if is_biogenic else "CH4_fossil", per, dataset)


def nitrous_oxide(row: HubRow, column: str, per: str, dataset: Dataset) -> GasPart:
    """N2O printed in grams."""
    return _grams(row, column, "N2O", "N2O", per, dataset)


def pounds(row: HubRow, column: str, gas: str, dataset: Dataset) -> GasPart:
    """A gas printed in pounds per MWh, in kilograms per MWh."""
    mass = number(row, column) * KG_PER_LB
    printed_unit = f"lb {gas.partition('_')[0]} per MWh"
    derivation = f"{row.label(column)} lb × {ratio_text(KG_PER_LB)} kg/lb"
    return GasPart(gas, mass, None, dataset.id, row.id, row.label(column), printed_unit, derivation)


def _grams(row: HubRow, column: str, printed_gas: str, gas: str, per: str, dataset: Dataset) -> GasPart:
    mass = number(row, column) / 1000
    printed_unit = f"g {printed_gas} per {per}"
    return GasPart(gas, mass, None, dataset.id, row.id, row.label(column), printed_unit, f"{row.label(column)} g ÷ 1000 g/kg")


def number(row: HubRow, column: str) -> Fraction:
    """The number in a cell that must have one.

    raises    UnmappedRow, if it is blank: missing is not zero
    """
    value = row.value(column)
    if value is None:
        raise UnmappedRow(f"{row.id}: no value in column {column}: missing is not zero: {row.text}")
    return value

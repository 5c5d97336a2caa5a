"""The accounting itself: units, gases, factors, calculation, consolidation, totals.

Pure functions and frozen dataclasses on exact rationals; standard library only, no input or output. What stands in `__all__` is the
public face; docs/methods/ghg-library.md shows it by examples.
"""

from ghg.calculation import Calculation, Emissions, GasAmount, Part, calculate, calculate_parts, split_by_year, sum_parts
from ghg.consolidation import ConsolidationApproach, ConsolidationTree, ControlInterval, GroupEntity, OwnershipInterval, consolidate
from ghg.errors import (
    DimensionMismatch,
    GhgError,
    InvalidFactor,
    InvalidOwnership,
    InvalidPeriod,
    MalformedNumber,
    MissingGwp,
    OutOfRange,
    OwnershipCycle,
    UnknownEntity,
    UnknownGas,
    UnknownGwpSet,
    UnknownUnit,
)
from ghg.factors import EmissionFactor, GasFactor, as_fraction, blend_factor
from ghg.gwp import GWP_SETS, GwpSet, gases, gwp_set, usual_name
from ghg.rounding import decimal_text, kilograms, milligrams
from ghg.sources import Source
from ghg.totals import Cell, Total, Totals, roll_up
from ghg.units import Conversion, Property, Quantity, Step, Unit, convert, unit, unit_pair

__all__ = [
    "GWP_SETS",
    "Calculation",
    "Cell",
    "ConsolidationApproach",
    "ConsolidationTree",
    "ControlInterval",
    "Conversion",
    "DimensionMismatch",
    "EmissionFactor",
    "Emissions",
    "GasAmount",
    "GasFactor",
    "GhgError",
    "GroupEntity",
    "GwpSet",
    "InvalidFactor",
    "InvalidOwnership",
    "InvalidPeriod",
    "MalformedNumber",
    "MissingGwp",
    "OutOfRange",
    "OwnershipCycle",
    "OwnershipInterval",
    "Part",
    "Property",
    "Quantity",
    "Source",
    "Step",
    "Total",
    "Totals",
    "Unit",
    "UnknownEntity",
    "UnknownGas",
    "UnknownGwpSet",
    "UnknownUnit",
    "as_fraction",
    "blend_factor",
    "calculate",
    "calculate_parts",
    "consolidate",
    "convert",
    "decimal_text",
    "gases",
    "gwp_set",
    "kilograms",
    "milligrams",
    "roll_up",
    "split_by_year",
    "sum_parts",
    "unit",
    "unit_pair",
    "usual_name",
]

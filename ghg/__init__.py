"""The accounting itself: units, gases, factors, calculation, uncertainty, allocation, consolidation, totals.

Pure functions and frozen dataclasses on exact rationals; standard library only, no input or output. What stands in `__all__` is the
public face; docs/methods/ghg-library.md shows it by examples.
"""

from ghg.allocation import (
    ALLOCATION_BASES,
    AllocatedOutput,
    AllocationBasis,
    CustomerAllocation,
    Output,
    SupplierTotal,
    allocate,
    allocate_to_customer,
)
from ghg.calculation import Calculation, Emissions, GasAmount, Part, calculate, calculate_parts, split_by_year, sum_parts
from ghg.consolidation import ConsolidationApproach, ConsolidationTree, ControlInterval, GroupEntity, OwnershipInterval, consolidate
from ghg.correlation import Correlation
from ghg.data_quality import BASIC_UNCERTAINTY, QUALITY_INDICATORS, DataQuality, QualityIndicator, temporal_score
from ghg.distributions import Lognormal, Normal, Spread, Triangular, Uniform
from ghg.errors import (
    DimensionMismatch,
    GhgError,
    InvalidAllocation,
    InvalidDataQuality,
    InvalidFactor,
    InvalidOwnership,
    InvalidPeriod,
    InvalidUncertainty,
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
from ghg.monte_carlo import Simulation, simulate
from ghg.rounding import decimal_text, kilograms, milligrams
from ghg.sources import Source
from ghg.totals import Cell, Total, Totals, roll_up
from ghg.trend import Trend, TrendSensitivity, TrendSource, trend_uncertainty
from ghg.uncertainty import CombinedUncertainty, Contribution, UncertainInput, UncertainLine, calculation_line, combine_uncertainty
from ghg.units import Conversion, Property, Quantity, Step, Unit, convert, unit, unit_pair

__all__ = [
    "ALLOCATION_BASES",
    "BASIC_UNCERTAINTY",
    "GWP_SETS",
    "QUALITY_INDICATORS",
    "AllocatedOutput",
    "AllocationBasis",
    "Calculation",
    "Cell",
    "CombinedUncertainty",
    "ConsolidationApproach",
    "ConsolidationTree",
    "Contribution",
    "ControlInterval",
    "Conversion",
    "Correlation",
    "CustomerAllocation",
    "DataQuality",
    "DimensionMismatch",
    "EmissionFactor",
    "Emissions",
    "GasAmount",
    "GasFactor",
    "GhgError",
    "GroupEntity",
    "GwpSet",
    "InvalidAllocation",
    "InvalidDataQuality",
    "InvalidFactor",
    "InvalidOwnership",
    "InvalidPeriod",
    "InvalidUncertainty",
    "Lognormal",
    "MalformedNumber",
    "MissingGwp",
    "Normal",
    "OutOfRange",
    "Output",
    "OwnershipCycle",
    "OwnershipInterval",
    "Part",
    "Property",
    "QualityIndicator",
    "Quantity",
    "Simulation",
    "Source",
    "Spread",
    "Step",
    "SupplierTotal",
    "Total",
    "Totals",
    "Trend",
    "TrendSensitivity",
    "TrendSource",
    "Triangular",
    "UncertainInput",
    "UncertainLine",
    "Uniform",
    "Unit",
    "UnknownEntity",
    "UnknownGas",
    "UnknownGwpSet",
    "UnknownUnit",
    "allocate",
    "allocate_to_customer",
    "as_fraction",
    "blend_factor",
    "calculate",
    "calculate_parts",
    "calculation_line",
    "combine_uncertainty",
    "consolidate",
    "convert",
    "decimal_text",
    "gases",
    "gwp_set",
    "kilograms",
    "milligrams",
    "roll_up",
    "simulate",
    "split_by_year",
    "sum_parts",
    "temporal_score",
    "trend_uncertainty",
    "unit",
    "unit_pair",
    "usual_name",
]

"""Totals as the API shows them: kilograms with six decimals."""

from collections.abc import Iterable

from contracts import shapes
from ghg import totals
from ghg.rounding import kilograms
from services.reporting.domain.books import Inventory


def totals_shape(found: totals.Totals, inventory: Inventory, method: totals.Method) -> shapes.Totals:
    total = found.total
    return shapes.Totals(
        items=[
            shapes.TotalsGroup(emissions=_emissions(group, inventory.gwp_set), records=group.records, **group.key) for group in found.groups
        ],
        total=_emissions(total, inventory.gwp_set),
        incomplete=shapes.Incomplete(
            awaiting_factor=found.incomplete.awaiting_factor,
            no_factor=found.incomplete.no_factor,
            quarantined=found.incomplete.quarantined,
        ),
        consolidation_approach=inventory.consolidation_approach,
        inventory_id=inventory.id,
        method=method,
        co2e_on_another_gwp_basis=[
            shapes.GasEmissions(gas="CO2e", kg=None, co2e_kg=kilograms(co2e_mg), gwp_basis=basis)
            for basis, co2e_mg in sorted(total.co2e_on_other_basis.items())
        ],
        gases_without_gwp=list(total.gases_without_gwp),
    )


def _emissions(total: totals.Total, gwp_set: str) -> shapes.Emissions:
    """A sum of gases of which none has a GWP has no CO2e either: missing is not zero."""
    none_has_gwp = bool(total.gases) and all(gas.co2e_mg is None for gas in total.gases)
    return shapes.Emissions(
        co2e_kg=None if none_has_gwp else kilograms(total.co2e_mg),
        gases=list(_gases(total.gases)),
        biogenic_co2_kg=kilograms(total.biogenic_co2_mg),
        gwp_set=gwp_set,
    )


def _gases(gases: Iterable[totals.GasTotal]) -> Iterable[shapes.GasEmissions]:
    for gas in gases:
        yield shapes.GasEmissions(
            gas=gas.gas,
            kg=None if gas.mass_mg is None else kilograms(gas.mass_mg),
            co2e_kg=None if gas.co2e_mg is None else kilograms(gas.co2e_mg),
            gwp_basis=gas.gwp_basis,
        )

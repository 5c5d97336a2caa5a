"""What the API says of the year: tonnes by scope and category, and how many records are missing from them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from baseyear.demo.activities import SOURCE_SYSTEM, YEAR
from baseyear.demo.client import ApiClient, DemoFailed
from baseyear.demo.group import SITES


@dataclass(frozen=True, slots=True)
class CategoryFigure:
    """One category of one scope, in kilograms of CO2e."""

    scope: int
    category: str
    co2e_kg: Decimal
    records: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The totals of an inventory, exact to the milligram; two of them are equal only if every figure is."""

    categories: tuple[CategoryFigure, ...]
    co2e_kg: Decimal
    biogenic_co2_kg: Decimal
    incomplete: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, totals: Mapping[str, Any]) -> "Figures":
        """Read an answer of `totals` or `emissions`, grouped by scope and category.

        raises    ValueError, if the categories do not add up to the total
        """
        rows = [
            CategoryFigure(int(item["scope"]), item["category"], Decimal(item["emissions"]["co2e_kg"]), item["records"])
            for item in totals["items"]
        ]
        total = totals["total"]
        figures = cls(
            categories=tuple(sorted(rows, key=lambda row: (row.scope, row.category))),
            co2e_kg=Decimal(total["co2e_kg"]),
            biogenic_co2_kg=Decimal(total["biogenic_co2_kg"]),
            incomplete=tuple(sorted(totals["incomplete"].items())),
        )
        if sum(row.co2e_kg for row in rows) != figures.co2e_kg:
            raise ValueError(f"the categories add up to {sum(row.co2e_kg for row in rows)} kg, the total says {figures.co2e_kg} kg")
        return figures

    def of_scope(self, scope: int) -> Decimal:
        """Kilograms of CO2e of one scope."""
        return sum((row.co2e_kg for row in self.categories if row.scope == scope), Decimal(0))


@dataclass(frozen=True, slots=True)
class Missing:
    """Which stored records have no figure, counted by what they have in common."""

    no_factor: Mapping[tuple[str, str], int]
    """(activity type, country) → records"""
    quarantined: Mapping[str, int]
    """item code (activity type, where a record has no code) → records"""


async def inventory_figures(operator: ApiClient, inventory_id: str) -> Figures:
    """The totals as the inventory itself answers."""
    return await _figures(operator, f"/v1/inventories/{inventory_id}/totals", {})


async def reported_figures(operator: ApiClient) -> Figures:
    """The totals as reporting has heard of them by events."""
    return await _figures(operator, "/v1/emissions", {"year": str(YEAR)})


async def _figures(operator: ApiClient, path: str, query: Mapping[str, str]) -> Figures:
    totals = await operator.get(path, {**query, "group_by": "scope,category"})
    try:
        return Figures.of(totals)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise DemoFailed("GET", path, 200, f"totals that cannot be read: {error!r}") from error


async def missing_records(operator: ApiClient) -> Missing:
    """Ask for the records that no total contains, and count them."""
    country_of = {site.external_id: site.country for site in SITES}
    no_factor: Counter[tuple[str, str]] = Counter()
    async for record in operator.pages("/v1/activities", {"source_system": SOURCE_SYSTEM, "calculation_state": "no_factor"}):
        no_factor[record["activity_type"], country_of[record["site_external_id"]]] += 1
    quarantined: Counter[str] = Counter()
    async for record in operator.pages("/v1/activities", {"source_system": SOURCE_SYSTEM, "outcome": "quarantined"}):
        quarantined[record.get("item_code") or record["activity_type"]] += 1
    return Missing(no_factor, quarantined)

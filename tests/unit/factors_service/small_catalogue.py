"""A catalogue of a few factors, each as a test needs it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from services.factors.catalogue.pack_model import ActivityType, Dataset, Factor, FuelProperty, GasPart, SourceFile
from services.factors.domain.catalogue import Catalogue, StoredFactor, make_catalogue
from services.factors.domain.preferences import Preferences

DIESEL = ActivityType(
    "fuel.diesel", "Diesel", "柴油", 1, "stationary_combustion", "none", ("mass", "volume", "energy_net"), "1.1", "direct", ""
)
GRID = ActivityType(
    "electricity.grid", "Grid electricity", "电网电力", 2, "electricity", "location_based", ("energy",), "2.1", "direct", ""
)
WIND = ActivityType("electricity.wind", "Wind power", "风力发电", 3, "s3.3", "none", ("energy",), "4.1", "life_cycle", "")
STEEL = ActivityType("material.steel", "Steel", "钢材", 3, "s3.1", "none", ("mass",), "4.1", "life_cycle", "")


def dataset(dataset_id: str = "national", *, is_global: bool = False, published_on: str | None = None) -> Dataset:
    file = SourceFile("a.csv", "0" * 64, 1, 1, 1, 0)
    return Dataset(
        dataset_id, dataset_id, "Publisher", "Title", "1", None, published_on, "licence", "attribution", "A", None,
        has_vintage=True, is_global=is_global, source_files=(file,),
    )  # fmt: skip


def factor(
    factor_id: str, activity_type: ActivityType = DIESEL, region: str = "CN", year: int | None = None, unit: str = "t", **more: Any
) -> Factor:
    gas = GasPart("CO2", Fraction(3), None, more.get("dataset", "national"), "line 2", "3", "kg", "")
    content: dict[str, Any] = {
        "id": factor_id, "key": factor_id, "dataset": "national", "activity_type": activity_type.id, "region": region, "data_year": year,
        "stage": "direct", "purpose": None if activity_type.method == "none" else "location_average", "technology": None,
        "is_default": True, "unit": unit, "conditions": None, "gases": (gas,), "biogenic_co2": None, "gas_coverage": "CO2",
        "properties": (), "name_en": activity_type.name_en, "name_zh": activity_type.name_zh, "source_row": "line 2",
        "value_printed": "3", "unit_printed": f"kg/{unit}", "quality": None, "notes": (), "valid_from": None, "valid_to": None,
        "price_year": None, "price_basis": None, "uncertainty_percent": None,
    }  # fmt: skip
    return Factor(**content | more)


def density(property_id: str, value: str, region: str, year: int | None = None) -> FuelProperty:
    return FuelProperty(
        property_id, ("fuel.diesel",), "density", Fraction(value), "kg/m3", region, year, "national", "line 3", value, "kg/m3", ""
    )


def catalogue_with(
    factors: Iterable[Factor],
    properties: Iterable[FuelProperty] = (),
    datasets: Iterable[Dataset] | None = None,
    preferences: Preferences | None = None,
) -> Catalogue:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return make_catalogue(
        {one.id: one for one in datasets or [dataset()]},
        {one.id: one for one in (DIESEL, GRID, WIND, STEEL)},
        [StoredFactor(one, "published", None, 1, now) for one in factors],
        properties,
        preferences or {},
    )

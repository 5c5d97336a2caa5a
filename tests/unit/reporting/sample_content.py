"""A fictional group's report, large or small, that adds up by construction."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from services.reporting.domain.report_content import (
    ActivityTotal,
    Boundary,
    CategoryTotal,
    Emissions,
    Entity,
    EntityTotal,
    FactorGas,
    FactorUse,
    Gap,
    GasTotal,
    Inventory,
    Method,
    Missing,
    MissingRecords,
    MonthTotal,
    Organisation,
    OtherBasis,
    ReportContent,
    RunManifest,
    ScopeTotal,
    SeldomReported,
    Site,
    SiteTotal,
    TopicPosition,
)

MONTHS = tuple(f"2021-{month:02d}" for month in range(1, 13))
PROVINCES = ("CN-GD", "CN-JS", "CN-ZJ", "CN-SC", "CN-HB", "VN", "GB", "MX")
TOWNS = ("Dongguan", "Kunshan", "Ningbo", "Chengdu", "Wuhan", "Bac Giang", "Wrexham", "Monterrey")
# (activity type, name, scope, category, ISO subcategory, unit, CO2-only?)
ACTIVITIES = (
    ("electricity.grid", "Grid electricity", 2, "electricity", "2.1", "kWh", True),
    ("fuel.natural_gas", "Natural gas", 1, "stationary_combustion", "1.1", "Nm3", False),
    ("vehicle_fuel.diesel", "Diesel, vehicles", 1, "mobile_combustion", "1.2", "L", False),
    ("refrigerant.R-410A", "R-410A", 1, "fugitive", "1.4", "kg", False),
)


def sample_content(*, entities: int = 8, sites: int = 16, factors_per_activity: int = 4, **changes: Any) -> ReportContent:
    """A draft of the year 2021. Any field of `ReportContent` may be exchanged by name."""
    boundary = _boundary(entities, sites)
    rows = [
        (site, month, activity, _emissions(number, at, kind))
        for number, site in enumerate(boundary.sites)
        for at, month in enumerate(MONTHS)
        for kind, activity in enumerate(ACTIVITIES)
        if not (activity[0] == "fuel.natural_gas" and number % 5 == 4)
    ]

    def added(key: Callable[[Site, str, Any], Any]) -> dict[Any, Emissions]:
        groups: dict[Any, list[Emissions]] = {}
        for site, month, activity, emissions in rows:
            groups.setdefault(key(site, month, activity), []).append(emissions)
        return {found: Emissions.sum(parts) for found, parts in sorted(groups.items())}

    total = Emissions.sum(row[3] for row in rows)
    by_activity = added(lambda site, month, activity: activity)
    content = ReportContent(
        report_id="0192f0aa-5a8e-7c31-9d5e-6c1f0e0a4b11",
        status="draft",
        language="en",
        period_start=date(2021, 1, 1),
        period_end=date(2022, 1, 1),
        generated_at=datetime(2022, 2, 14, 9, 30, tzinfo=UTC),
        organisation=Organisation("Harbour Precision Group", "Group EHS office", "Asia/Shanghai"),
        inventory=Inventory("0192f0aa-0000-7c31-9d5e-000000000001", "primary", "open", 2021, is_base_year=True),
        boundary=boundary,
        method=Method(
            scope2_method="location_based",
            formula="Emissions = activity × emission factor × GWP, for each gas and record; an inventory takes its share of each.",
            rounding="Half to even, to whole milligrams, for each gas of a record; every total is a sum of these whole numbers.",
            gwp_set="AR6",
            gwp_source="IPCC, AR6 WG I (2021), chapter 7, supplementary table 7.SM.7, 100 years.",
            notes=("Cubic metres of natural gas are taken at the conditions that the factor states (0 °C, 101.325 kPa).",),
        ),
        total=total,
        by_scope=tuple(ScopeTotal(scope, e) for scope, e in added(lambda site, month, activity: activity[2]).items()),
        by_category=tuple(CategoryTotal(*key, e) for key, e in added(lambda site, month, activity: activity[2:5]).items()),
        by_gas=_by_gas(by_activity),
        by_site=tuple(SiteTotal(*key, e) for key, e in added(lambda site, month, a: (site.external_id, a[2])).items()),
        by_entity=tuple(EntityTotal(*key, e) for key, e in added(lambda site, month, a: (site.entity_external_id, a[2])).items()),
        by_month=tuple(MonthTotal(*key, e) for key, e in added(lambda site, month, a: (month, a[2])).items()),
        by_activity=tuple(ActivityTotal(a[0], a[1], a[2], a[3], "1234567.500", a[5], e) for a, e in by_activity.items()),
        other_gwp_basis=(OtherBasis("AR5", 12_345_678_901),),
        factors=tuple(factor for a, e in by_activity.items() for factor in _factors(a, e, factors_per_activity)),
        missing=_missing(boundary),
        manifest=RunManifest(
            software_version="baseyear 0.1.0",
            factor_pack_version="2026.11",
            gwp_set="AR6",
            topics=(
                TopicPosition("baseyear.inventory.cell.v1", 48_211, 39_204),
                TopicPosition("baseyear.factors.factor.v1", 2_604, 2_604),
            ),
            inputs_sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
    )
    return replace(content, **changes)


def without_figures(**changes: Any) -> ReportContent:
    """The same group before its first record: nothing to add up, everything still to come."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("by_scope", "by_category", "by_gas", "by_site", "by_entity", "by_month", "by_activity", "other_gwp_basis", "factors"), ()
    )
    return sample_content(total=Emissions(0), missing=Missing(), **nothing, **changes)


def _emissions(site: int, month: int, kind: int) -> Emissions:
    size = 1 + site * 7 % 11
    season = 12 + abs(month - 6)
    co2e_mg = (91_234_567_891, 9_876_543_211, 2_345_678_917, 456_789_013)[kind] * size * season // 15 + 1
    return Emissions(co2e_mg, biogenic_co2_mg=151_170_001 * size if kind == 2 else 0, records=1)


def _boundary(entities: int, sites: int) -> Boundary:
    group = tuple(
        Entity(
            external_id=f"E{number + 1:03d}",
            name=f"Harbour Precision ({TOWNS[number % 8]} {number + 1}) Co., Ltd.",
            country="CN" if number % 8 < 5 else PROVINCES[number % 8],
            parent_external_id=None if number == 0 else "E001",
            group_share="100 %" if number % 4 else "60 %",
        )
        for number in range(entities)
    )
    return Boundary(
        consolidation_approach="operational_control",
        entities=group,
        sites=tuple(
            Site(
                external_id=f"S{number + 1:03d}",
                name=f"{TOWNS[number % 8]} plant {number // 8 + 1}",
                entity_external_id=group[number % entities].external_id,
                region=PROVINCES[number % 8],
                tenure=("owned", "operating_lease", "owned", "finance_lease")[number % 4],
            )
            for number in range(sites)
        ),
    )


def _by_gas(by_activity: dict[Any, Emissions]) -> tuple[GasTotal, ...]:
    """Nine tenths of scope 1 as CO2, one tenth as N2O; all of scope 2 as CO2."""
    direct = sum(e.co2e_mg for activity, e in by_activity.items() if activity[2] == 1)
    energy = sum(e.co2e_mg for activity, e in by_activity.items() if activity[2] == 2)
    n2o = direct // 10
    return (
        GasTotal(1, "CO2", direct - n2o, direct - n2o, "1"),
        GasTotal(1, "N2O", n2o // 273, n2o, "273"),
        GasTotal(2, "CO2", energy, energy, "1"),
    )


def _factors(activity: Any, emissions: Emissions, count: int) -> list[FactorUse]:
    co2 = FactorGas(
        gas="CO2",
        kg_per_unit="0.4715",
        dataset="cn-mee-electricity-2021",
        publisher="Ministry of Ecology and Environment, China",
        licence="official notice",
        attribution="Ministry of Ecology and Environment and National Bureau of Statistics, notice no. 12 of 2024",
        source_row="province_average:Guangdong",
        sha256="0b6cfd2d4a7f7d5f4a1ab7ff4fd2cbb6b2a4a32bd0f6b9f9f2f2dd6ad0a5f001",
    )
    n2o = replace(
        co2,
        gas="N2O",
        kg_per_unit="0.0000038931",
        dataset="ipcc-2006-stationary",
        publisher="IPCC",
        licence="facts, cite the IPCC",
        attribution="2006 IPCC Guidelines, vol. 2, table 2.3",
        source_row="row 118",
        sha256="5c1d" * 16,
    )
    first = emissions.co2e_mg - (count - 1) * (emissions.co2e_mg // count)
    first_biogenic = emissions.biogenic_co2_mg - (count - 1) * (emissions.biogenic_co2_mg // count)
    return [
        FactorUse(
            id=f"7f0c{number:04d}-1111-5aaa-8bbb-{activity[0].encode().hex()[:12]}",
            activity_type=activity[0],
            region=PROVINCES[number % 8],
            year=2021,
            unit=activity[5],
            gas_coverage="CO2" if activity[6] else "CO2+N2O",
            gases=(co2,) if activity[6] else (co2, n2o),
            emissions=Emissions(
                first if number == 0 else emissions.co2e_mg // count,
                first_biogenic if number == 0 else emissions.biogenic_co2_mg // count,
                emissions.records // count,
            ),
        )
        for number in range(count)
    ]


def _missing(boundary: Boundary) -> Missing:
    first, last = boundary.sites[0], boundary.sites[-1]
    return Missing(
        records=(
            MissingRecords("awaiting_factor", first.external_id, "fuel.lpg", ("2021-03", "2021-04", "2021-05"), 3),
            MissingRecords("no_factor", last.external_id, "steam.purchased", MONTHS, 12, "nearest: heat.purchased, CN, 2015"),
            MissingRecords("quarantined", None, "EHS-7741", ("2021-11",), 1, "unmapped_item"),
        ),
        gaps=(Gap(last.external_id, "electricity.grid", ("2021-08", "2021-09", "2021-12")),),
        seldom=(
            SeldomReported(first.external_id, "fuel.diesel", ("2021-03", "2021-06")),
            SeldomReported(last.external_id, "refrigerant.R-410A", ("2021-05",)),
        ),
    )

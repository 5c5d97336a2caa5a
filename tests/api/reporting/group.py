"""A small group as events tell of it: a holding with two companies, one of them held at 60 %, three sites, three months."""

from datetime import UTC, date, datetime
from typing import Any

from contracts import events
from contracts.events import Control, GasOfCell, GasOfFactor, Ownership

RECORDED = datetime(2022, 1, 10, 8, 0, tzinfo=UTC)
NANO = 10**9

HOLDING, WORKS, VENTURE = "entity-holding", "entity-works", "entity-venture"
INVENTORY = "inventory-2021"
SITES = {"site-a": WORKS, "site-b": WORKS, "site-c": VENTURE}


def state(model: Any, id: str, version: int = 1, **fields: Any) -> Any:
    return model(id=id, version=version, recorded_at=RECORDED, **fields)


def organisation() -> events.OrganisationChanged:
    return state(
        events.OrganisationChanged,
        "organisation",
        name="Harbour Precision Group",
        responsible="Group EHS office",
        time_zone="Asia/Shanghai",
        gwp_set="AR6",
        languages=["en"],
    )


def entity(id: str, external_id: str, parent: str | None, share: str = "1", version: int = 1) -> events.EntityChanged:
    return state(
        events.EntityChanged,
        id,
        version,
        external_id=external_id,
        name=f"{external_id} Co., Ltd.",
        country="CN",
        parent=parent,
        ownership=[Ownership(start=None, end=None, share=share, owner=None)],
        control=[Control(start=None, end=None, operational=True, financial=True)],
    )


def entities() -> list[events.EntityChanged]:
    return [entity(HOLDING, "E-HOLD", None), entity(WORKS, "E-WORKS", HOLDING), entity(VENTURE, "E-VENT", HOLDING, "0.60")]


def site(id: str, version: int = 1) -> events.SiteChanged:
    return state(
        events.SiteChanged,
        id,
        version,
        external_id=id.upper(),
        entity=SITES[id],
        name=f"Plant {id[-1].upper()}",
        region="CN-GD",
        grid_region=None,
        timezone="Asia/Shanghai",
        tenure="owned",
    )


def inventory(id: str = INVENTORY, version: int = 1, **changes: Any) -> events.InventoryChanged:
    fields = {
        "year": 2021,
        "name": "primary",
        "period_start": date(2021, 1, 1),
        "period_end": date(2022, 1, 1),
        "consolidation_approach": "equity_share",
        "gwp_set": "AR6",
        "is_base_year": True,
        "state": "open",
        "effective_on": date(2022, 1, 1),
    }
    return state(events.InventoryChanged, id, version, **(fields | changes))


def gas(name: str, mass_mg: int | None, co2e_mg: int | None, basis: str | None = None) -> GasOfCell:
    return GasOfCell(gas=name, gwp_basis=basis, mass_mg=mass_mg, co2e_mg_ar4=co2e_mg, co2e_mg_ar5=co2e_mg, co2e_mg_ar6=co2e_mg)


def cell(id: str, site: str | None, month: int, version: int = 1, **changes: Any) -> events.CellChanged:
    fields = {
        "site": site,
        "scope": 2,
        "category": "electricity",
        "activity_type": "electricity.grid",
        "factor": "factor-grid",
        "state": "calculated",
        "item": None,
        "segment_start": date(2021, month, 1),
        "segment_end": date(2021, month + 1, 1) if month < 12 else date(2022, 1, 1),
        "method": "location_based",
        "quantity_nano": 1000 * NANO,
        "unit": "kWh",
        "gases": [gas("CO2", 471_500_001, 471_500_001)],
        "biogenic_co2_mg": 0,
        "records": 1,
    }
    return state(events.CellChanged, id, version, **(fields | changes))


def diesel(id: str, site: str, month: int, **changes: Any) -> events.CellChanged:
    fields = {
        "scope": 1,
        "category": "mobile_combustion",
        "activity_type": "vehicle_fuel.diesel",
        "factor": "factor-diesel",
        "method": "none",
        "unit": "L",
        "quantity_nano": 50 * NANO,
        "gases": [gas("CO2", 125_000_003, 125_000_003), gas("CH4_fossil", 11, 327), gas("N2O", 7, 1_911)],
        "biogenic_co2_mg": 7_558_501,
        "records": 2,
    }
    return cell(id, site, month, **(fields | changes))


def without_figure(id: str, site: str | None, month: int, cell_state: str, **changes: Any) -> events.CellChanged:
    nothing = {"factor": None, "unit": None, "gases": [], "quantity_nano": 0, "state": cell_state, "method": "none"}
    return cell(id, site, month, **(nothing | changes))


def cells() -> list[events.CellChanged]:
    """Three months of electricity at three sites, with a gap; diesel at two; one CO2e-only factor; three kinds without a figure."""
    unknown = {"scope": None, "category": None, "activity_type": None}
    return [
        *(cell(f"grid-{name}-{month}", name, month) for name in SITES for month in (1, 2, 3) if (name, month) != ("site-b", 2)),
        *(diesel(f"diesel-{name}-{month}", name, month) for name in ("site-a", "site-c") for month in (1, 3)),
        cell(
            "heat-b-1",
            "site-b",
            1,
            category="heat",
            activity_type="heat.purchased",
            factor="factor-heat",
            method="none",
            gases=[gas("CO2e", None, 33_333_335, "AR5")],
        ),
        without_figure("steam-c-2", "site-c", 2, "no_factor", activity_type="steam.purchased", category="steam", records=3),
        without_figure("lpg-a-2", "site-a", 2, "awaiting_factor", activity_type="fuel.lpg", scope=1, category="stationary_combustion"),
        without_figure("unmapped", None, 3, "quarantined", item="EHS-7741", records=4, **unknown),
        cell("vanished", "site-a", 4, quantity_nano=0, gases=[gas("CO2", 0, 0)], records=0),
        cell("other-year", "site-a", 1, segment_start=date(2020, 1, 1), segment_end=date(2020, 2, 1)),
        cell("market", "site-a", 1, method="market_based"),
    ]


def source(name: str, value: str, dataset: str = "cn-mee", basis: str | None = None) -> GasOfFactor:
    return GasOfFactor(
        gas=name,
        gwp_basis=basis,
        kg_per_unit=value,
        dataset=dataset,
        row="province_average:Guangdong",
        sha256="ab" * 32,
        licence="official notice",
        document="Notice no. 12 of 2024",
        printed_value=value,
        printed_unit="kgCO2/kWh",
        derivation="",
    )


def factor(id: str, activity_type: str, unit: str, gases: list[GasOfFactor], biogenic: GasOfFactor | None = None) -> events.FactorPublished:
    return state(
        events.FactorPublished,
        id,
        state="published",
        dataset="cn-mee",
        activity_type=activity_type,
        region="CN-GD",
        data_year=2021,
        stage="combustion",
        purpose=None,
        unit=unit,
        gases=gases,
        biogenic_co2=biogenic,
        gas_coverage="+".join(gas.gas for gas in gases),
        name_en=activity_type,
        source_row="row 1",
        value_printed="0.4715",
        unit_printed="kgCO2/kWh",
        notes=[],
    )


def catalogue() -> list[Any]:
    dataset = {
        "name": "Grid factors",
        "publisher": "Ministry of Ecology and Environment",
        "edition": "2024",
        "year": 2021,
        "licence": "official notice",
        "attribution": "MEE and NBS, notice no. 12 of 2024",
        "has_vintage": True,
        "is_global": False,
        "source_files": [{"name": "electricity.csv", "sha256": "ab" * 32}],
    }
    return [
        state(events.DatasetPublished, "cn-mee", **dataset),
        factor("factor-grid", "electricity.grid", "kWh", [source("CO2", "0.4715")]),
        factor(
            "factor-diesel",
            "vehicle_fuel.diesel",
            "L",
            [source("CO2", "2.5"), source("CH4_fossil", "0.0000002"), source("N2O", "0.00000014")],
            source("CO2", "0.15117"),
        ),
        factor("factor-heat", "heat.purchased", "kWh", [source("CO2e", "0.17", basis="AR5")]),
        activity_type("electricity.grid", "Grid electricity", 2, "electricity"),
        activity_type("vehicle_fuel.diesel", "Diesel, vehicles", 1, "mobile_combustion"),
        activity_type("heat.purchased", "Purchased heat", 2, "heat"),
    ]


def activity_type(id: str, name: str, scope: int, category: str) -> events.ActivityTypePublished:
    return state(
        events.ActivityTypePublished,
        id,
        name_en=name,
        name_zh=name,
        scope=scope,
        category=category,
        method="none",
        unit_dimensions=["energy"],
    )


def approved(
    source_cell: events.CellChanged, entity: str | None, share: str, version: int = 1, **changes: Any
) -> events.ApprovedCellChanged:
    fields = source_cell.model_dump() | {
        "id": f"{INVENTORY}:{source_cell.id}",
        "version": version,
        "inventory": INVENTORY,
        "cell": source_cell.id,
        "entity": entity,
        "share": share,
    }
    return events.ApprovedCellChanged(**(fields | changes))


def intake(created: int) -> events.IntakeRecorded:
    return events.IntakeRecorded(
        source_system="ehs-1",
        recorded_at=RECORDED,
        principal="client-ehs",
        created=created,
        corrected=0,
        unchanged=0,
        stale=0,
        quarantined=0,
        refused=0,
    )


def everything() -> list[Any]:
    return [organisation(), *entities(), *(site(name) for name in SITES), inventory(), *cells(), *catalogue(), intake(5)]


# What the cells above come to under equity share, by hand. E-WORKS is held whole:
#   5 × 471,500,001 (electricity) + 2 × (125,000,003 + 327 + 1,911) (diesel) + 33,333,335 (heat) = 2,640,837,822 mg
# E-VENT is held at 60 %, each gas of each cell half-even: 471,500,001 × 0.6 = 282,900,000.6 → 282,900,001;
#   125,000,003 × 0.6 = 75,000,001.8 → 75,000,002; 327 × 0.6 = 196.2 → 196; 1,911 × 0.6 = 1,146.6 → 1,147
#   3 × 282,900,001 + 2 × (75,000,002 + 196 + 1,147) = 998,702,693 mg; biogenic 7,558,501 × 0.6 = 4,535,100.6 → 4,535,101, twice
TOTALS = {"E-WORKS": (2_640_837_822, 15_117_002, 10), "E-VENT": (998_702_693, 9_070_202, 7)}
TOTAL_KG = "3639.540515"
WORKS_KG = "2640.837822"
VENTURE_KG = "998.702693"
BIOGENIC_KG = "24.187204"

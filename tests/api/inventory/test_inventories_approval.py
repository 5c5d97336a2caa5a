"""What approval keeps: the consolidated rows, told to the others, moved by nothing until the inventory is opened again."""

import asyncio
from typing import Any

import pytest_asyncio
from sqlalchemy import text

from services.inventory.store import period_lock

CELLS, APPROVED = "baseyear.inventory.cell.v1", "baseyear.inventory.approved-cell.v1"


def co2(mg: int) -> list[tuple[Any, ...]]:
    return [("CO2", None, mg, mg, mg, mg)]


@pytest_asyncio.fixture
async def venture(given_entity, given_site):
    """The plant of a joint venture of which the group holds one half."""
    entity = await given_entity("venture", ownership=[{"share": "0.5"}])
    return entity, await given_site("plant", "venture")


@pytest_asyncio.fixture
async def inventory(given_inventory, operator, client_with):
    """An inventory by equity share that goes to approved and back."""
    path = f"/v1/inventories/{(await given_inventory(consolidation_approach='equity_share'))['id']}"
    approver = await client_with(kind="operator")

    class Inventory:
        id = path.rsplit("/", 1)[1]

        async def approve(self) -> Any:
            assert (await operator.post(f"{path}/transitions", {"to": "in_review"})).status == 200
            answer = await approver.post(f"{path}/transitions", {"to": "approved"})
            assert answer.status == 200, answer.content
            return answer.body

        async def open_again(self) -> Any:
            answer = await operator.post(f"{path}/transitions", {"to": "open", "reason": "late invoice"})
            assert answer.status == 200, answer.content
            return answer.body

        async def totals(self, client: Any = operator, **query: Any) -> Any:
            return (await client.get(f"{path}/totals", **query)).body

    return Inventory()


async def test_approval_keeps_the_consolidated_rows_and_tells_them(inventory, venture, given_cell, told):
    entity, plant = venture
    # half of 5 mg is 2 half-even; the quantity stays at 100 %, only milligrams are shared
    await given_cell(plant, [("CH4_fossil", None, 5, 125, None, 149)], quantity_nano=3, biogenic_co2_mg=7, records=4)
    approved = await inventory.approve()

    (row,) = await told(APPROVED)
    (cell,) = await told(CELLS)

    assert row["gases"] == [
        {"gas": "CH4_fossil", "gwp_basis": None, "mass_mg": 2, "co2e_mg_ar4": 62, "co2e_mg_ar5": None, "co2e_mg_ar6": 74}
    ]
    assert (row["quantity_nano"], row["biogenic_co2_mg"], row["records"], row["share"]) == (3, 4, 4, "0.5")
    assert (row["inventory"], row["cell"], row["entity"], row["site"]) == (inventory.id, cell["id"], entity["id"], plant["id"])
    assert (row["version"], row["recorded_at"]) == (approved["version"], approved["recorded_at"])


async def test_records_without_a_figure_are_kept_too(inventory, venture, given_cell):
    unknown = {"factor_id": None, "quantity_nano": 0, "unit": None}
    await given_cell(venture[1], state="no_factor", records=3, **unknown)
    await given_cell(None, state="quarantined", records=2, item="x", **unknown)

    await inventory.approve()

    assert (await inventory.totals())["incomplete"] == {"awaiting_factor": 0, "no_factor": 3, "quarantined": 2}


async def test_approved_totals_are_those_from_before(inventory, venture, given_cell):
    for number, month in enumerate(("2021-01", "2021-02", "2021-12")):
        await given_cell(venture[1], co2(5 + number), month=month, biogenic_co2_mg=3)
    keys = "scope,category,site,entity,gas,month,activity_type,factor"
    before = await inventory.totals(group_by=keys)

    await inventory.approve()

    assert len(before["items"]) == 3
    assert await inventory.totals(group_by=keys) == before


async def test_nothing_moves_an_approved_inventory(inventory, venture, given_cell, operator):
    await given_cell(venture[1], co2(1_000))
    await inventory.approve()

    await operator.patch(f"/v1/entities/{venture[0]['id']}", {"ownership": [{"share": "1"}]})
    await given_cell(venture[1], co2(500))

    assert (await inventory.totals())["total"]["co2e_kg"] == "0.000500"


async def test_opening_again_lets_the_rows_go_and_counts_the_present(inventory, venture, given_cell, told, inventory_database):
    await given_cell(venture[1], [*co2(1_000), ("HFC-x", None, 8, None, None, None)])
    await inventory.approve()
    await given_cell(venture[1], co2(500))

    opened = await inventory.open_again()

    assert (await inventory.totals())["total"]["co2e_kg"] == "0.000750"
    first, zero = await told(APPROVED)
    assert zero["version"] == opened["version"] > first["version"]
    assert zero["id"] == first["id"]
    assert (zero["quantity_nano"], zero["biogenic_co2_mg"], zero["records"]) == (0, 0, 0)
    figures = {gas["gas"]: (gas["mass_mg"], gas["co2e_mg_ar6"]) for gas in zero["gases"]}
    assert figures == {"CO2": (0, 0), "HFC-x": (0, None)}
    async with inventory_database.unit_of_work() as session:
        assert await session.scalar(text("SELECT count(*) FROM approved_cell WHERE counts")) == 0


async def test_a_later_approval_has_higher_versions_again(inventory, venture, given_cell, told):
    await given_cell(venture[1], co2(1_000))
    await inventory.approve()
    await inventory.open_again()
    await inventory.approve()

    versions = [row["version"] for row in await told(APPROVED)]
    assert versions == sorted(set(versions))
    assert len(versions) == 3


async def test_a_cell_outside_the_group_or_the_period_is_not_kept(inventory, given_entity, given_site, given_cell, told):
    await given_entity("sold", ownership=[{"to": "2021-02-01", "share": "1"}])
    plant = await given_site("plant", "sold")
    for month in ("2020-12", "2021-01", "2021-02"):
        await given_cell(plant, co2(1_000), month=month)

    await inventory.approve()

    assert [row["segment_start"] for row in await told(APPROVED)] == ["2021-01-01"]


async def test_a_narrowed_client_gets_the_approved_totals_of_its_entities_only(
    inventory, venture, given_entity, given_site, given_cell, client_with
):
    await given_entity("other")
    await given_cell(await given_site("elsewhere", "other"), co2(7))
    await given_cell(venture[1], co2(1_000))
    await given_cell(None, state="quarantined", factor_id=None, quantity_nano=0, item="x")
    await inventory.approve()
    client = await client_with(kind="app", entity_ids=[venture[0]["id"]])

    seen = await inventory.totals(client=client, group_by="site")

    assert [(item["site"], item["emissions"]["co2e_kg"]) for item in seen["items"]] == [("plant", "0.000500")]
    assert seen["incomplete"]["quarantined"] == 0


async def test_an_approval_waits_for_the_push_under_way_and_counts_it(inventory, venture, given_cell, inventory_database):
    async with inventory_database.unit_of_work() as push:
        await period_lock.share(push)
        approval = asyncio.create_task(inventory.approve())
        await asyncio.sleep(0.3)
        assert not approval.done()
        await given_cell(venture[1], co2(1_000))
    await approval

    assert (await inventory.totals())["total"]["co2e_kg"] == "0.000500"

"""A PATCH that changes nothing is answered as if it had changed what it says, and leaves no version, no event and no audit line."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.api.inventory.intake import Intake

Json = dict[str, Any]
PLACE = {"region": "CN-GD", "timezone": "Asia/Shanghai"}


async def traces_left(intake: Intake) -> list[int]:
    """How many events, audit lines and revisions of activities there are."""
    async with intake.installation.services["inventory"].ground.database.unit_of_work() as session:
        return [await session.scalar(text(f"SELECT count(*) FROM {table}")) for table in ("outbox", "audit", "activity_revision")]


async def entity(intake: Intake) -> tuple[str, Json]:
    parent = (await intake.entity())["external_id"]
    ownership = [{"to": "2020-01-01", "share": "0.50"}, {"from": "2020-01-01", "share": "0.80", "owner_external_id": parent}]
    body = {"external_id": intake.name("entity"), "name": "A", "country": "CN", "parent_external_id": parent, "ownership": ownership}
    made = await intake.operator.post("/v1/entities", body | {"financial_control": True})
    return f"/v1/entities/{made.body['id']}", {"name": "A", "country": "CN", "ownership": made.body["ownership"]}


async def entity_controlled_by_date(intake: Intake) -> tuple[str, Json]:
    control = [{"from": "2020-01-01", "operational": True, "financial": False}]
    body = {"external_id": intake.name("entity"), "name": "A", "country": "CN", "control": control}
    made = await intake.operator.post("/v1/entities", body)
    return f"/v1/entities/{made.body['id']}", {"control": made.body["control"]}


async def site(intake: Intake) -> tuple[str, Json]:
    owner = (await intake.entity())["external_id"]
    body = {"external_id": intake.name("site"), "entity_external_id": owner, "name": "A plant"} | PLACE
    made = await intake.operator.post("/v1/sites", body | {"grid_region": "grid:CN-SOUTH"})
    return f"/v1/sites/{made.body['id']}", {"region": "CN-GD", "grid_region": "grid:CN-SOUTH", "tenure": "owned"}


async def inventory(intake: Intake) -> tuple[str, Json]:
    return f"/v1/inventories/{await intake.inventory(2022)}", {"consolidation_approach": "operational_control", "is_base_year": False}


async def approved_inventory(intake: Intake) -> tuple[str, Json]:
    made = await intake.inventory(2022, intake.name("profile"))
    await intake.approve(made)
    return f"/v1/inventories/{made}", {"gwp_set": "AR6"}


async def counted_record(intake: Intake) -> tuple[str, Json]:
    made = await intake.pushed(intake.record(await intake.site(), comment="said"))
    return f"/v1/activities/{made['id']}", {"comment": "said", "quantity": {"value": "1000.0"}, "supplier_external_id": None}


async def voided_record(intake: Intake) -> tuple[str, Json]:
    path, same = await counted_record(intake)
    await intake.operator.post(f"{path}/voids", {"reason": "entered twice"})
    return path, same


async def quarantined_record(intake: Intake) -> tuple[str, Json]:
    record = intake.record(await intake.site(), item_code=intake.name("E"), quantity={"value": "1"})
    made = await intake.pushed(record, "quarantined")
    return f"/v1/activities/{made['id']}", {"quantity": {"value": "1.00"}}


async def record_of_a_closed_period(intake: Intake) -> tuple[str, Json]:
    year = next(intake.years)
    made = await intake.pushed(intake.record(await intake.site(), period={"start": f"{year}-03-01", "end": f"{year}-04-01"}))
    await intake.approve(await intake.inventory(year))
    return f"/v1/activities/{made['id']}", {"quantity": {"value": "1000"}}


@pytest.mark.parametrize(
    "given",
    [
        entity,
        entity_controlled_by_date,
        site,
        inventory,
        approved_inventory,
        counted_record,
        voided_record,
        quarantined_record,
        record_of_a_closed_period,
    ],
)
async def test_a_patch_without_a_change_changes_nothing(intake: Intake, given: Any):
    path, same = await given(intake)
    before, traces = await intake.operator.get(path), await traces_left(intake)

    answers = [await intake.operator.patch(path, body, if_match=before.headers["etag"]) for body in ({}, same)]

    assert [answer.status for answer in answers] == [200, 200], answers
    assert [answer.headers["etag"] for answer in answers] == [before.headers["etag"]] * 2
    assert [answer.body | {"outcome": None} for answer in answers] == [before.body | {"outcome": None}] * 2
    assert await traces_left(intake) == traces


async def test_a_patch_without_a_change_of_a_record_says_that_it_is_unchanged(intake: Intake):
    path, same = await counted_record(intake)

    assert (await intake.operator.patch(path, same)).body["outcome"] == "unchanged"
    assert (await intake.operator.patch(path, {"comment": "other"})).body["outcome"] == "corrected"

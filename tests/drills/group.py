"""A small group whose year has everything that is told in a special way."""

from collections.abc import Awaitable
from typing import Any

from tests.conftest import Client, new_client

PERIOD = {"start": "2021-03-01", "end": "2021-04-01"}


async def created(answering: Awaitable[Any]) -> Any:
    answer = await answering
    assert answer.status in (200, 201), answer.content
    return answer.body


async def a_year_with_everything(operator: Client) -> None:
    """A group with a share, an inventory that is approved, one that was opened again, a cell that has vanished, a client that is gone."""
    await operator.put("/v1/organisation", {"name": "Group", "time_zone": "Asia/Shanghai", "gwp_set": "AR6", "languages": ["en", "zh-CN"]})
    await created(operator.post("/v1/entities", {"external_id": "holding", "name": "Holding", "country": "CN"}))
    venture = {"external_id": "venture", "name": "Venture", "country": "CN", "parent_external_id": "holding"}
    await created(operator.post("/v1/entities", venture | {"ownership": [{"share": "0.5"}]}))
    for site, entity in (("plant", "holding"), ("works", "venture")):
        place = {"name": site, "region": "CN-GD", "timezone": "Asia/Shanghai"}
        await created(operator.post("/v1/sites", {"external_id": site, "entity_external_id": entity} | place))
    inventories = []
    for name, approach in (("primary", "operational_control"), ("by share", "equity_share")):
        body = {"year": 2021, "name": name, "consolidation_approach": approach, "gwp_set": "AR6"}
        inventories.append(await created(operator.post("/v1/inventories", body)))
    records = []
    for site in ("plant", "works"):
        for number, kind in enumerate(("electricity.grid", "fuel.diesel", "fuel.no_such_thing")):
            record = {"source_system": "ehs", "external_id": f"{site}-{number}", "site_external_id": site, "period": PERIOD}
            unit = "L" if kind == "fuel.diesel" else "kWh"
            what = {"item_code": "unknown"} if kind == "fuel.no_such_thing" else {"activity_type": kind}
            records.append(record | what | {"quantity": {"value": "1000.5", "unit": unit}, "data_quality": "measured"})
    batch = await operator.post("/v1/activities/batch", {"items": records})
    assert [item["outcome"] for item in batch.body["items"]] == ["created", "created", "quarantined"] * 2, batch.body
    await created(operator.post(f"/v1/activities/{batch.body['items'][1]['id']}/voids", {"reason": "twice"}))
    approver = await new_client(operator, "operator")
    for inventory in inventories:
        path = f"/v1/inventories/{inventory['id']}/transitions"
        await created(operator.post(path, {"to": "in_review"}))
        await created(approver.post(path, {"to": "approved"}))
    await created(operator.post(f"/v1/inventories/{inventories[1]['id']}/transitions", {"to": "open", "reason": "late invoice"}))
    gone = await new_client(operator, "app")
    assert (await operator.delete(f"/v1/clients/{gone.client_id}")).status == 204

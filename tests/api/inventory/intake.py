"""A running installation that the tests of a module share, seen by those who push activities: each test brings sites and ids of its own."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from baseyear.one_process import Installation
from ghg.rounding import milligrams
from tests.conftest import Answer, Client

Json = dict[str, Any]

ELECTRICITY = {"activity_type": "electricity.grid", "quantity": {"value": "1000", "unit": "kWh"}}
GAS = {"activity_type": "fuel.natural_gas", "quantity": {"value": "1000", "unit": "m3"}}
DIESEL = {"activity_type": "fuel.diesel", "quantity": {"value": "1000", "unit": "L"}}
MARCH = {"start": "2021-03-01", "end": "2021-04-01"}
GASES = ("CO2", "CH4_fossil", "N2O")


@dataclass(slots=True)
class Intake:
    """What a test of the intake needs; `operator` may do everything, approvals need `approver`."""

    installation: Installation
    operator: Client
    make_client: Callable[..., Awaitable[Client]]
    years: Any = field(default_factory=lambda: count(2031, 3))
    inventories: dict[int, str] = field(default_factory=dict)

    def name(self, prefix: str) -> str:
        return f"{prefix}-{secrets.token_hex(4)}"

    async def entity(self, parent: str | None = None) -> Json:
        body = {"external_id": self.name("entity"), "name": "A company", "country": "CN", "parent_external_id": parent}
        return _created(await self.operator.post("/v1/entities", body))

    async def site(self, region: str = "CN-GD", entity: str | None = None, **content: Any) -> str:
        """The external id of a new site, of a new company unless one is named."""
        owner = entity or (await self.entity())["external_id"]
        body = {"external_id": self.name("site"), "entity_external_id": owner, "name": "A plant", "region": region}
        return _created(await self.operator.post("/v1/sites", body | {"timezone": "Asia/Shanghai"} | content))["external_id"]

    def record(self, site: str | None, **content: Any) -> Json:
        """A record of 1,000 kWh in March 2021, with whatever the test says otherwise; None leaves a field out."""
        body = {
            "source_system": "ehs",
            "external_id": self.name("record"),
            "site_external_id": site,
            "period": MARCH,
            "data_quality": "measured",
        }
        body |= ({} if "item_code" in content else ELECTRICITY) | content
        return {name: value for name, value in body.items() if value is not None}

    async def push(self, record: Json, client: Client | None = None, **headers: str) -> Answer:
        return await (client or self.operator).post("/v1/activities", record, headers or None)

    async def pushed(self, record: Json, outcome: str = "created") -> Json:
        """The answer to a push that must have this outcome."""
        answer = await self.push(record)
        assert answer.status < 300, answer.content
        assert answer.body["outcome"] == outcome, answer.body
        return answer.body

    async def batch(self, records: Sequence[Any], client: Client | None = None, query: str = "") -> list[Json]:
        answer = await (client or self.operator).post(f"/v1/activities/batch{query}", {"items": list(records)})
        assert answer.status == 207, answer.content
        return answer.body["items"]

    async def get(self, path: str, **query: Any) -> Json:
        answer = await self.operator.get(path, **query)
        assert answer.status == 200, answer.content
        return answer.body

    async def activity(self, record: Json) -> Json:
        """The record with this business key, as the list shows it."""
        found = await self.get("/v1/activities", source_system=record["source_system"], external_id=record["external_id"])
        (only,) = found["items"]
        return only

    async def map_item(self, system: str, code: str, **mapping: Any) -> Json:
        """Map an item code and wait for the job that releases its records."""
        path = f"/v1/source-systems/{system}/items/{code}"
        answer = await self.operator.put(path, {"activity_type": "electricity.grid", "unit": "kWh"} | mapping)
        assert answer.status in (200, 201), answer.content

        async def done() -> Json | None:
            items = (await self.get(f"/v1/source-systems/{system}/items"))["items"]
            mapped = next(item for item in items if item["code"] == code)
            return mapped if mapped["release"]["state"] in ("done", "failed") else None

        return await until(done)

    async def inventory(self, year: int = 2021, name: str = "primary", **content: Any) -> str:
        """The id of the year's inventory."""
        body = {"year": year, "name": name, "consolidation_approach": "operational_control"} | content
        answer = await self.operator.post("/v1/inventories", body)
        assert answer.status in (200, 201), answer.content
        return answer.body["id"]

    async def transition(self, inventory: str, to: str, client: Client | None = None) -> None:
        answer = await (client or self.operator).post(f"/v1/inventories/{inventory}/transitions", {"to": to, "reason": "a test"})
        assert answer.status == 200, answer.content

    async def approve(self, inventory: str) -> None:
        approver = await self.make_client(kind="operator")
        await self.transition(inventory, "in_review")
        await self.transition(inventory, "approved", approver)

    async def settle(self) -> None:
        """Wait until every service has published its events and read those of the others."""
        for service in self.installation.services.values():
            await service.caught_up()

    async def of_site(self, site: str, year: int = 2021) -> dict[str, int]:
        """Milligrams of CO2e of a site by activity type and month, from the year's totals; without what is zero."""
        totals = await self.get(f"/v1/inventories/{await self.inventory(year)}/totals", group_by="site,activity_type,month")
        mine = [item for item in totals["items"] if item["site"] == site]
        return {f"{item['activity_type']} {item['month']}": milligrams(item["emissions"]["co2e_kg"]) for item in mine}

    async def total_of(self, site: str, year: int = 2021) -> int:
        """Milligrams of CO2e of a site."""
        return sum((await self.of_site(site, year)).values())

    async def incomplete(self, client: Client, year: int = 2021) -> Json:
        answer = await client.get(f"/v1/inventories/{await self.inventory(year)}/totals")
        assert answer.status == 200, answer.content
        return answer.body["incomplete"]


def _created(answer: Answer) -> Json:
    assert answer.status == 201, answer.content
    return answer.body


async def until(done: Callable[[], Awaitable[Any]], seconds: float = 15) -> Any:
    """What `done` gives as soon as it gives something."""
    async with asyncio.timeout(seconds):
        while not (result := await done()):
            await asyncio.sleep(0.05)
    return result


def gases_of(emissions: Json) -> dict[str, str]:
    return {gas["gas"]: gas["co2e_kg"] for gas in emissions["gases"]}

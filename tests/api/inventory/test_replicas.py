"""Two replicas of everything on one database: what one keeps in memory never makes it wrong about what the other did."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from baseyear.embedded import EmbeddedPostgres
from baseyear.one_process import installation as run_installation
from kernel.settings import Settings
from services.inventory import handlers
from tests.api.inventory.catalogues import VINTAGE_2023, Catalogue, month, unchanged, without
from tests.api.inventory.intake import GAS, Intake, until
from tests.conftest import ISSUER, OPERATOR_ID, OPERATOR_SECRET, Answer, Client, new_client, own_database

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Replicas:
    """The same installation twice, each with its relays, consumers, workers and memory."""

    one: Intake
    other: Intake

    async def both(self, path: str, **query: Any) -> list[Answer]:
        return [await intake.operator.get(path, **query) for intake in (self.one, self.other)]

    async def settle(self) -> None:
        """Wait until every replica has published and read everything."""
        for _ in range(2):  # what one still tells, the other may have to hear
            await self.one.settle()
            await self.other.settle()


@pytest_asyncio.fixture(scope="module")
async def replicas(postgres: EmbeddedPostgres, settings: Settings, template: str) -> AsyncIterator[Replicas]:
    async with own_database(postgres, settings, template) as databases, AsyncExitStack() as stack:
        intakes = []
        for _ in range(2):
            running = await stack.enter_async_context(run_installation(settings, databases, ISSUER))
            transport = httpx.ASGITransport(app=running.door)
            http = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=ISSUER, timeout=60))
            operator = await Client(http, OPERATOR_ID, OPERATOR_SECRET).sign_in()
            intakes.append(Intake(running, operator, partial(new_client, operator)))
        yield Replicas(*intakes)


@contextmanager
def factors_silent(*intakes: Intake) -> Iterator[None]:
    """The factors service answers none of these replicas, for a while."""

    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody listens", request=request)

    asked: list[Any] = [intake.installation.services["inventory"].ground.questions["factors"] for intake in intakes]
    real = [questions._client for questions in asked]
    for questions in asked:
        questions._client = httpx.AsyncClient(transport=httpx.MockTransport(silent), base_url="http://factors")
    try:
        yield
    finally:
        for questions, client in zip(asked, real, strict=True):
            questions._client = client


async def reported(intake: Intake) -> Json:
    answer = (await intake.operator.get("/v1/emissions", year=2021)).body
    return {name: answer[name] for name in ("total", "incomplete")}


async def counted(intake: Intake) -> Json:
    answer = await intake.get(f"/v1/inventories/{await intake.inventory(2021)}/totals")
    return {name: answer[name] for name in ("total", "incomplete")}


async def test_the_same_records_pushed_to_both_at_once_are_counted_once(replicas: Replicas):
    one, other = replicas.one, replicas.other
    site = await one.site()
    records = [one.record(site) for _ in range(60)]

    pushed = await asyncio.gather(*(intake.push(record) for record in records for intake in (one, other)), one.batch(records))
    await asyncio.gather(one.batch(records), other.batch(records))

    outcomes = [answer.body["outcome"] for answer in pushed[:-1]] + [item["outcome"] for item in pushed[-1]]
    assert sorted(outcomes) == ["created"] * 60 + ["unchanged"] * 120
    assert await one.total_of(site) == await other.total_of(site) == 60 * 1_000 * 471_500
    await replicas.settle()
    assert await reported(one) == await reported(other) == await counted(one)


async def test_records_that_waited_for_a_factor_are_counted_once_though_both_calculate_them(replicas: Replicas):
    one, other = replicas.one, replicas.other
    site = await one.site("CN-HE")
    with factors_silent(one, other):
        waiting = [item["id"] for item in await one.batch([one.record(site) for _ in range(30)])]
        waiting += [(await other.push(other.record(site, **GAS))).body["id"] for _ in range(5)]
        assert {(await one.get(f"/v1/activities/{each}"))["calculation_state"] for each in waiting} == {"awaiting_factor"}

    async def calculated() -> bool:
        listed = await other.get("/v1/activities", site=site, calculation_state="calculated", limit=1000)
        return len(listed["items"]) == 35

    await until(calculated, 30)
    items = (await one.get("/v1/activities", site=site, limit=1000))["items"]
    figures = [int(item["emissions"]["co2e_kg"].replace(".", "")) for item in items]
    assert await one.total_of(site) == sum(figures) > 0
    await replicas.settle()
    assert await reported(other) == await counted(one)


async def test_what_waited_for_a_mapping_is_released_once(replicas: Replicas):
    one, other = replicas.one, replicas.other
    site, code = await one.site(), one.name("E")
    await one.batch([one.record(site, item_code=code, quantity={"value": "1"}) for _ in range(40)])

    mapped = await other.map_item("ehs", code)

    assert (mapped["release"]["state"], mapped["release"]["released"]) == ("done", 40)
    assert await other.total_of(site) == 40 * 471_500
    await one.pushed(one.record(site, item_code=code, quantity={"value": "2"}))
    assert await other.total_of(site) == 42 * 471_500


async def test_master_data_and_states_that_one_changes_hold_at_the_other_at_once(replicas: Replicas):
    one, other = replicas.one, replicas.other
    year, site = next(one.years), await one.site()
    period = {"start": f"{year}-03-01", "end": f"{year}-04-01"}
    record = one.record(site, period=period)
    await other.pushed(record)
    await one.approve(await one.inventory(year))

    assert (await other.push(record | {"quantity": {"value": "2", "unit": "kWh"}})).body["quarantine"] == "closed_period"
    said = {"name": "G", "time_zone": "Asia/Shanghai", "gwp_set": "AR5", "languages": ["en"]}
    assert (await one.operator.put("/v1/organisation", said)).status == 200
    await replicas.settle()
    opened = [await intake.get(f"/v1/inventories/{await intake.inventory(next(one.years))}") for intake in (one, other)]
    assert [inventory["gwp_set"] for inventory in opened] == ["AR5", "AR5"]


async def test_an_answer_to_a_key_is_replayed_by_the_other_replica(replicas: Replicas):
    one, other = replicas.one, replicas.other
    record, key = one.record(await one.site()), {"Idempotency-Key": one.name("key")}
    first = await one.operator.post("/v1/activities", record, key)

    again = await other.operator.post("/v1/activities", record, key)

    assert (again.status, again.content, again.headers["idempotency-replayed"]) == (201, first.content, "true")


async def test_pages_and_etags_of_one_go_on_at_the_other(replicas: Replicas):
    one, other = replicas.one, replicas.other
    site = await one.site()
    await one.batch([one.record(site) for _ in range(5)])
    first = await one.get("/v1/activities", site=site, limit=3)
    rest = await other.get("/v1/activities", site=site, limit=3, cursor=first["next"])
    read = await one.operator.get(f"/v1/activities/{rest['items'][0]['id']}")

    assert len({item["id"] for page in (first, rest) for item in page["items"]}) == 5
    kept = {"If-None-Match": read.headers["etag"]}
    assert (await other.operator.request("GET", f"/v1/activities/{read.body['id']}", kept)).status == 304


async def test_a_client_that_is_deleted_at_one_is_refused_at_the_other(replicas: Replicas):
    client = await replicas.one.make_client(kind="operator")
    elsewhere = Client(replicas.other.operator.http, client.client_id, client.secret, client.token)
    assert (await elsewhere.get("/v1/sites")).status == 200

    await replicas.one.operator.delete(f"/v1/clients/{client.client_id}")

    async def refused() -> bool:
        answers = [await elsewhere.get(path) for path in ("/v1/sites", "/v1/factors?q=x", "/v1/reports", "/v1/organisation")]
        return {answer.status for answer in answers} == {401}

    await until(refused, 10)


async def test_a_report_is_made_once_and_read_at_both(replicas: Replicas):
    one, other = replicas.one, replicas.other
    await one.inventory(2021)
    order = {"type": "iso14064-1", "year": 2021, "formats": ["json"], "language": "en"}
    ordered = [(await intake.operator.post("/v1/reports", order)).body["id"] for intake in (one, other, one)]

    async def ready() -> Any:
        reports = [await other.get(f"/v1/reports/{each}") for each in ordered]
        return reports if {report["state"] for report in reports} == {"ready"} else None

    for report in await until(ready, 120):
        path = f"/v1/reports/{report['id']}/files/{report['files'][0]['name']}"
        files = await replicas.both(path)
        assert files[0].status == 200
        assert files[0].content == files[1].content
    async with one.installation.services["reporting"].ground.database.unit_of_work() as session:
        assert set(await session.scalars(text("SELECT attempts FROM job WHERE kind = 'report'"))) == {1}


async def test_every_fact_is_kept_once_and_no_event_is_parked(replicas: Replicas):
    await replicas.settle()
    states = (await replicas.one.get("/v1/services"))["items"]
    assert {state["parked_events"] for state in states} == {0}
    async with replicas.one.installation.services["reporting"].ground.database.unit_of_work() as session:
        kept, told = [await session.scalar(text(f"SELECT count(*) FROM {table}")) for table in ("intake", "inbox")]
    async with replicas.one.installation.services["inventory"].ground.database.unit_of_work() as session:
        recorded = await session.scalar(text("SELECT count(*) FROM outbox WHERE topic = 'baseyear.inventory.intake.v1'"))
    assert kept == told == recorded


async def test_an_update_that_is_accepted_at_one_is_what_the_other_calculates_with_at_once(
    replicas: Replicas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Each keeps the bindings that it has met in memory; what the other has accepted since is not among them."""
    monkeypatch.setattr(handlers, "QUIET_SECONDS", 0.2)
    one, other, catalogue = replicas.one, replicas.other, Catalogue(replicas.one, tmp_path)
    await catalogue.becomes(without(VINTAGE_2023))
    site = await one.site("CN-GD")
    record = {"period": month(2023)}
    for intake in (one, other):  # both have met it
        assert (await intake.pushed(intake.record(site, **record)))["emissions"]["co2e_kg"] == "440.300000"
    await catalogue.becomes(unchanged)
    (update,) = [update for update in await catalogue.updates() if update["to_dataset"] == VINTAGE_2023]
    accepted = await one.operator.post(f"/v1/factor-updates/{update['id']}/acceptances", {"reason": "It holds."})
    assert accepted.status == 201

    pushed = [await intake.pushed(intake.record(site, **record)) for intake in (other, one)]

    assert [one["emissions"]["co2e_kg"] for one in pushed] == ["441.900000"] * 2
    await catalogue.until_jobs_are_done("recount_replaced_bindings")
    assert await other.total_of(site, 2023) == 4 * 441_900_000

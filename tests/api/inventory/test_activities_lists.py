"""Finding activity records: filters, cursor pages in a stable order, and everything as a stream."""

import json

import pytest

from tests.api.inventory.intake import DIESEL, Intake


@pytest.fixture(scope="module")
async def year_of_records(intake: Intake) -> tuple[str, list[str]]:
    """A site with 25 records over the months of 2021, and their ids in the order of the list."""
    site = await intake.site()
    records = []
    for number in range(25):
        month = 1 + number % 11
        period = {"start": f"2021-{month:02}-01", "end": f"2021-{month + 1:02}-01"}
        records.append(intake.record(site, period=period, **(DIESEL if number % 5 == 0 else {})))
    items = await intake.batch(records)
    in_order = sorted(zip(records, items, strict=True), key=lambda pair: (pair[0]["period"]["start"], pair[1]["id"]))
    return site, [item["id"] for _, item in in_order]


async def test_pages_hold_every_record_once_in_the_order_of_their_first_day(intake: Intake, year_of_records):
    site, ids = year_of_records
    seen, cursor, pages = [], {}, 0
    while True:
        page = await intake.get("/v1/activities", site=site, limit=10, **cursor)
        seen += [item["id"] for item in page["items"]]
        pages += 1
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    assert (seen, pages) == (ids, 3)


async def test_a_cursor_is_of_its_filters_only(intake: Intake, year_of_records):
    site, _ = year_of_records
    cursor = (await intake.get("/v1/activities", site=site, limit=10))["next"]

    for query in (
        {"site": site, "activity_type": "fuel.diesel", "cursor": cursor},
        {"site": site, "cursor": cursor[:-2] + "AA"},
        {"cursor": "x"},
    ):
        refusal = await intake.operator.get("/v1/activities", **query)
        assert (refusal.status, refusal.problem.pointers) == (422, ["/cursor"])


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"activity_type": "fuel.diesel"}, 5),
        ({"activity_type": "fuel.lpg"}, 0),
        ({"period_from": "2021-10-01"}, 4),
        ({"period_before": "2021-02-01"}, 3),
        ({"period_from": "2021-02-01", "period_before": "2021-03-01"}, 3),
        ({"outcome": "counted"}, 25),
        ({"outcome": "quarantined"}, 0),
        ({"calculation_state": "calculated", "source_system": "ehs"}, 25),
        ({"source_system": "erp"}, 0),
    ],
)
async def test_records_are_filtered_by_what_they_are(intake: Intake, year_of_records, query: dict, count: int):
    site, _ = year_of_records

    assert len((await intake.get("/v1/activities", site=site, **query))["items"]) == count


async def test_a_record_is_found_by_its_business_key(intake: Intake):
    record = intake.record(await intake.site())
    await intake.pushed(record)
    await intake.pushed(record | {"source_system": "erp"})

    found = await intake.get("/v1/activities", source_system="erp", external_id=record["external_id"])

    assert [item["source_system"] for item in found["items"]] == ["erp"]


async def test_how_a_record_stands_now_is_told_and_found(intake: Intake):
    site = await intake.site()
    counted = await intake.pushed(intake.record(site))
    waiting = await intake.pushed(intake.record(site, item_code=intake.name("E"), quantity={"value": "1"}), "quarantined")
    voided = await intake.pushed(intake.record(site))
    await intake.operator.post(f"/v1/activities/{voided['id']}/voids", {"reason": "a test"})

    for outcome, record in (("counted", counted), ("quarantined", waiting), ("voided", voided)):
        (item,) = (await intake.get("/v1/activities", site=site, outcome=outcome))["items"]
        assert (item["id"], item["outcome"]) == (record["id"], outcome)


async def test_everything_can_be_streamed_one_record_a_line(intake: Intake, year_of_records):
    site, ids = year_of_records

    answer = await intake.operator.request("GET", "/v1/activities", {"Accept": "application/x-ndjson"}, params={"site": site})

    assert (answer.status, answer.headers["content-type"]) == (200, "application/x-ndjson")
    lines = [json.loads(line) for line in answer.content.splitlines()]
    assert [line["id"] for line in lines] == ids
    assert lines == [await intake.get(f"/v1/activities/{one}") for one in ids]


async def test_a_stream_goes_on_past_what_one_page_holds(intake: Intake):
    site = await intake.site()
    await intake.batch([intake.record(site) for _ in range(1_001)])

    answer = await intake.operator.request("GET", "/v1/activities", {"Accept": "application/x-ndjson"}, params={"site": site})

    assert len({json.loads(line)["id"] for line in answer.content.splitlines()}) == 1_001


@pytest.mark.parametrize(
    "query",
    [
        {"outcome": "created"},
        {"calculation_state": "quarantined"},
        {"period_from": "soon"},
        {"period_from": "1614556800"},
        {"limit": 0},
        {"limit": 1_001},
        {"site": "a\x00b"},
        {"source_system": "a\x00b"},
        {"external_id": "a\x00b"},
        {"activity_type": "a\x00b"},
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson"])
async def test_a_filter_that_makes_no_sense_is_refused(intake: Intake, query: dict, accept: str):
    answer = await intake.operator.request("GET", "/v1/activities", {"Accept": accept}, params=query)

    assert (answer.status, answer.problem.pointers) == (422, [f"/{next(iter(query))}"])


async def test_an_id_that_is_none_is_refused(intake: Intake):
    for path in ("", "/calculation", "/history"):
        assert (await intake.operator.get(f"/v1/activities/no-id{path}")).status in (404, 422)

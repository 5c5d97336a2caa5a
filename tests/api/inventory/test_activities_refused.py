"""Records that are wrong in themselves are refused with a pointer to the field, single and in a batch, and leave nothing behind."""

import json
from typing import Any

import pytest

from tests.api.inventory.intake import Intake

KWH = {"value": "1000", "unit": "kWh"}
CODED = {"item_code": "E-1", "activity_type": None}
NUL, SURROGATE = "a\x00b", "a\ud800b"

REFUSALS: list[tuple[dict[str, Any], str, str]] = [
    # quantities
    ({"quantity": KWH | {"unit": "furlong"}}, "/quantity/unit", "unknown_unit"),
    ({"quantity": KWH | {"unit": "kwh"}}, "/quantity/unit", "unknown_unit"),
    ({"quantity": KWH | {"unit": "kg"}}, "/quantity/unit", "dimension_mismatch"),
    ({"quantity": KWH | {"unit": ""}}, "/quantity/unit", "string_too_short"),
    ({"quantity": KWH | {"unit": NUL}}, "/quantity/unit", "malformed_text"),
    ({"quantity": KWH | {"unit": SURROGATE}}, "/quantity/unit", "malformed_text"),
    ({"quantity": {"value": "1000"}}, "/quantity/unit", "required"),
    ({"quantity": KWH | {"value": "-1"}}, "/quantity/value", "malformed"),
    ({"quantity": KWH | {"value": "+1"}}, "/quantity/value", "malformed"),
    ({"quantity": KWH | {"value": "1e3"}}, "/quantity/value", "malformed"),
    ({"quantity": KWH | {"value": "NaN"}}, "/quantity/value", "malformed"),
    ({"quantity": KWH | {"value": "Infinity"}}, "/quantity/value", "malformed"),
    ({"quantity": KWH | {"value": "1,000"}}, "/quantity/value", "malformed"),
    ({"quantity": KWH | {"value": " 1"}}, "/quantity/value", "malformed"),
    ({"quantity": KWH | {"value": "1\n"}}, "/quantity/value", "malformed"),
    ({"quantity": KWH | {"value": "١٢"}}, "/quantity/value", "malformed"),
    ({"quantity": KWH | {"value": ".5"}}, "/quantity/value", "malformed"),
    ({"quantity": KWH | {"value": "1" * 16}}, "/quantity/value", "malformed"),
    ({"quantity": KWH | {"value": "0." + "1" * 10}}, "/quantity/value", "malformed"),
    ({"quantity": KWH | {"value": ""}}, "/quantity/value", "malformed"),
    ({"quantity": KWH | {"value": 1000.5}}, "/quantity/value", "not_a_string"),
    ({"quantity": KWH | {"value": 1000}}, "/quantity/value", "not_a_string"),
    ({"quantity": KWH | {"value": True}}, "/quantity/value", "not_a_string"),
    ({"quantity": KWH | {"value": None}}, "/quantity/value", "not_a_string"),
    ({"quantity": KWH | {"value": "999999999999999"}}, "/quantity/value", "out_of_range"),
    ({"quantity": None}, "/quantity", "required"),
    ({"quantity": KWH | {"basis": "gross"}}, "/quantity/basis", "unknown_field"),
    # what, where and when
    ({"site_external_id": "nowhere"}, "/site_external_id", "unknown_site"),
    ({"site_external_id": None}, "/site_external_id", "required"),
    ({"activity_type": "electricity.gird"}, "/activity_type", "unknown_activity_type"),
    ({"period": {"start": "2021-04-01", "end": "2021-03-01"}}, "/period", "reversed_period"),
    ({"period": {"start": "2021-03-01", "end": "2021-03-01"}}, "/period", "reversed_period"),
    ({"period": {"start": "2021-03-01"}}, "/period/end", "required"),
    ({"period": {"start": "2021-02-29", "end": "2021-03-01"}}, "/period/start", "malformed"),
    ({"period": {"start": "2021-03-01T00:00:00Z", "end": "2021-04-01"}}, "/period/start", "malformed"),
    ({"period": {"start": 1614556800, "end": "2021-04-01"}}, "/period/start", "malformed"),
    ({"period": {"start": "1614556800", "end": "2021-04-01"}}, "/period/start", "malformed"),
    ({"period": {"start": "1889-12-01", "end": "1890-01-01"}}, "/period", "period_out_of_range"),
    ({"period": {"start": "2021-01-01", "end": "2025-01-01"}}, "/period/end", "period_too_long"),
    ({"scope": 1}, "/scope", "scope_mismatch"),
    ({"scope": 2, "category": "s3.3"}, "/scope", "scope_mismatch"),
    ({"scope": 4}, "/scope", "unknown_value"),
    ({"category": "s3.16"}, "/category", "unknown_value"),
    # who and how
    ({"external_id": ""}, "/external_id", "string_too_short"),
    ({"external_id": None}, "/external_id", "required"),
    ({"external_id": "x" * 201}, "/external_id", "string_too_long"),
    ({"external_id": NUL}, "/external_id", "malformed_text"),
    ({"external_id": SURROGATE}, "/external_id", "malformed_text"),
    ({"external_id": 7}, "/external_id", "not_a_string"),
    ({"source_system": ""}, "/source_system", "string_too_short"),
    ({"comment": NUL}, "/comment", "malformed_text"),
    ({"data_quality": "guessed"}, "/data_quality", "unknown_value"),
    ({"data_quality": None}, "/data_quality", "required"),
    ({"uncertainty_percent": 5}, "/uncertainty_percent", "not_a_string"),
    ({"source_modified_at": "2021-04-05T02:00:00"}, "/source_modified_at", "timezone_aware"),
    ({"source_modified_at": 1614556800}, "/source_modified_at", "malformed"),
    ({"source_modified_at": "0001-01-01T00:00:00+14:00"}, "/source_modified_at", "malformed"),
    ({"source_modified_at": "9999-12-31T23:59:59-14:00"}, "/source_modified_at", "malformed"),
    ({"evidence": [{"name": "invoice", "uri": "https://dms/1", "sha256": "abc"}]}, "/evidence/0/sha256", "malformed"),
    ({"colour": "red"}, "/colour", "unknown_field"),
    ({"item_code": "E-1"}, "", "one_of"),
    ({"activity_type": None}, "", "one_of"),
    # with an item code that nobody mapped, what can be judged is judged
    (CODED | {"site_external_id": "nowhere"}, "/site_external_id", "unknown_site"),
    (CODED | {"quantity": KWH | {"unit": "furlong"}}, "/quantity/unit", "unknown_unit"),
    (CODED | {"item_code": ""}, "/item_code", "string_too_short"),
]
NAMES = [f"{pointer or 'whole'}-{code}-{place}" for place, (_, pointer, code) in enumerate(REFUSALS)]


def wrong(intake: Intake, site: str, change: dict[str, Any]) -> dict[str, Any]:
    """A record with one thing wrong; `quantity: None` and the like leave the field out."""
    record = intake.record(site) | change
    return {name: value for name, value in record.items() if value is not None}


@pytest.fixture(scope="module")
async def site(intake: Intake) -> str:
    return await intake.site()


async def send(intake: Intake, path: str, body: Any) -> Any:
    """As an EHS in another language would, that escapes what is not ASCII, lone surrogates too."""
    content = json.dumps(body).encode()
    return await intake.operator.request("POST", path, {"Content-Type": "application/json"}, content=content)


@pytest.mark.parametrize(("change", "pointer", "code"), REFUSALS, ids=NAMES)
async def test_a_wrong_record_is_refused_with_a_pointer_to_the_field(intake: Intake, site: str, change: dict, pointer: str, code: str):
    answer = await send(intake, "/v1/activities", wrong(intake, site, change))

    assert answer.status == 422, answer.content
    assert [(error["pointer"], error["code"]) for error in answer.problem.errors] == [(pointer, code)]
    assert answer.problem.errors[0]["detail"]


async def test_in_a_batch_each_wrong_record_is_refused_for_itself(intake: Intake):
    site = await intake.site()
    records = [wrong(intake, site, change) for change, _, _ in REFUSALS]
    good = intake.record(site)

    answer = await send(intake, "/v1/activities/batch", {"items": [*records, good, None, "no record", ["neither"]]})

    assert answer.status == 207, answer.content
    items = answer.body["items"]
    assert [item["index"] for item in items] == list(range(len(REFUSALS) + 4))
    for item, (_, pointer, code) in zip(items, REFUSALS, strict=False):
        assert (item["status"], item["outcome"], item["id"]) == (422, "refused", None)
        assert [(error["pointer"], error["code"]) for error in item["problem"]["errors"]] == [(pointer, code)]
    assert items[len(REFUSALS)]["outcome"] == "created"
    assert [item["status"] for item in items[-3:]] == [422] * 3
    assert await intake.total_of(site) == 471_500_000
    assert len((await intake.get("/v1/activities", site=site))["items"]) == 1


async def test_a_refusal_says_what_would_help(intake: Intake, site: str):
    def hint(problem: Any) -> str:
        return problem.errors[0]["hint"]

    misspelt = await intake.push(intake.record(site, activity_type="electricity.gird"))
    unit = await intake.push(intake.record(site, quantity=KWH | {"unit": "kwh"}))
    number = await intake.push(intake.record(site, quantity=KWH | {"value": 41250.5}))
    basis = await intake.push(intake.record(site, activity_type="fuel.natural_gas", quantity=KWH))

    assert "electricity.grid" in hint(misspelt.problem)
    assert "kWh" in hint(unit.problem)
    assert '"41250.5"' in hint(number.problem)
    assert "kWh_gross or kWh_net" in hint(basis.problem)


async def test_several_faults_of_one_record_are_told_at_once(intake: Intake, site: str):
    answer = await intake.push(intake.record(site, external_id="", data_quality="guessed", colour="red"))

    assert sorted(answer.problem.pointers) == ["/colour", "/data_quality", "/external_id"]


async def test_an_unknown_field_with_a_name_that_cannot_be_written_is_refused_as_well(intake: Intake, site: str):
    records = [intake.record(site) | {NUL: 1}, intake.record(site) | {SURROGATE: 1}, intake.record(site)]

    single = [await send(intake, "/v1/activities", record) for record in records[:2]]
    batch = await send(intake, "/v1/activities/batch", {"items": records})

    assert [answer.status for answer in single] == [422, 422]
    assert (batch.status, [item["status"] for item in batch.body["items"]]) == (207, [422, 422, 201])


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        (b"\xff\xfe", 400, None),
        (b"[" * 100_000, 400, None),
        (b"[]", 422, "validation_failed"),
        (b"null", 422, "validation_failed"),
        (b"", 422, "validation_failed"),
        (b'{"items": []}', 422, "validation_failed"),
        (b'{"items": {}}', 422, "validation_failed"),
        (b'{"items": [' + b"1," * 10_000 + b"1]}", 422, "validation_failed"),
    ],
)
async def test_what_is_no_batch_is_refused_as_a_whole(intake: Intake, content: bytes, status: int, code: str | None):
    answer = await intake.operator.request("POST", "/v1/activities/batch", {"Content-Type": "application/json"}, content=content)

    assert answer.status == status
    assert answer.problem.code == code or code is None


async def test_a_body_of_more_than_sixteen_megabytes_is_too_large(intake: Intake):
    content = b'{"items": [' + b" " * (16 * 1024 * 1024) + b"]}"

    answer = await intake.operator.request("POST", "/v1/activities/batch", {"Content-Type": "application/json"}, content=content)

    assert (answer.status, answer.problem.code) == (413, "too_large")


async def test_sums_beyond_what_can_be_kept_are_refused_and_change_nothing(intake: Intake):
    # 21,000,000,000 kWh × 0.4715 kg = 9.9 × 10^15 mg, just below a record's limit of 10^16; 932 of them exceed 2^63 mg
    site = await intake.site()
    records = [intake.record(site, quantity=KWH | {"value": "21000000000"}) for _ in range(1_400)]

    at_once = await intake.operator.post("/v1/activities/batch", {"items": records})
    halves = [await intake.operator.post("/v1/activities/batch", {"items": part}) for part in (records[:700], records[700:])]

    assert (at_once.status, at_once.problem.errors[0]["code"]) == (422, "out_of_range")
    assert [answer.status for answer in halves] == [207, 422]
    assert halves[1].problem.errors[0]["code"] == "out_of_range"
    assert await intake.total_of(site) == 700 * 21_000_000_000 * 471_500


async def test_refusals_are_noted_in_the_audit_trail(intake: Intake, site: str):
    from sqlalchemy import text

    client = await intake.make_client(kind="operator")
    await intake.push(intake.record(site, activity_type="electricity.gird"), client)
    await intake.batch([intake.record(site), intake.record(site, quantity=KWH | {"unit": "fur\x7flong"})], client)

    async with intake.installation.services["inventory"].ground.database.unit_of_work() as session:
        rows = await session.execute(
            text("SELECT reason FROM audit WHERE principal = :who AND outcome = 'refused'"), {"who": client.client_id}
        )
        reasons = sorted(row.reason for row in rows)

    assert len(reasons) == 2
    assert reasons[0].startswith("1 of 2 records refused, the first: validation_failed")
    assert "electricity.gird" in reasons[1]

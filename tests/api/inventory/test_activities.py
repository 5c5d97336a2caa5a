"""What becomes of single records: every outcome of the contract, and what each does to the record, its history and the totals."""

import pytest

from ghg.rounding import milligrams
from tests.api.inventory.intake import Intake

EARLY, LATE = "2021-04-05T02:00:00Z", "2022-02-14T08:30:00Z"
PER_KWH = 471_500  # mg CO2 per kWh in Guangdong in 2021


def kwh(value: str) -> dict:
    return {"value": value, "unit": "kWh"}


async def test_a_new_record_is_created_and_counted(intake: Intake):
    site = await intake.site()
    record = intake.record(site, quantity=kwh("41250.000"), comment="meter 7", uncertainty_percent="5")

    answer = await intake.push(record)

    assert answer.status == 201
    assert answer.headers["location"] == f"/v1/activities/{answer.body['id']}"
    assert answer.headers["etag"] == '"1.calculated.AR6"'
    expected = {
        "external_id": record["external_id"],
        "site_external_id": site,
        "activity_type": "electricity.grid",
        "period": record["period"],
        "quantity": kwh("41250.000"),
        "scope": 2,
        "category": "electricity",
        "revision": 1,
        "outcome": "created",
        "quarantine": None,
        "voided": False,
        "calculation_state": "calculated",
    }
    assert expected.items() <= answer.body.items()
    assert answer.body["content"] == record
    assert await intake.total_of(site) == 41_250 * PER_KWH


@pytest.mark.parametrize(
    "again",
    [
        {},
        {"quantity": kwh("1000.000")},
        {"quantity": kwh("0001000")},
        {"comment": None},
        {"evidence": []},
        {"source_modified_at": LATE},
    ],
)
async def test_the_same_content_again_is_unchanged(intake: Intake, again: dict):
    site = await intake.site()
    record = intake.record(site, quantity=kwh("1000"))
    first = await intake.pushed(record)

    answer = await intake.push(record | again)

    assert (answer.status, answer.body["outcome"], answer.body["revision"], answer.body["id"]) == (200, "unchanged", 1, first["id"])
    assert answer.body["emissions"] == first["emissions"]
    assert await intake.total_of(site) == 1_000 * PER_KWH


async def test_other_content_is_a_correction_and_moves_the_figures(intake: Intake):
    site, elsewhere = await intake.site(), await intake.site()
    record = intake.record(site)
    first = await intake.pushed(record)

    answer = await intake.push(record | {"site_external_id": elsewhere, "quantity": kwh("3")})

    assert (answer.status, answer.body["outcome"], answer.body["revision"], answer.body["id"]) == (200, "corrected", 2, first["id"])
    assert await intake.of_site(site) == {}
    assert await intake.of_site(elsewhere) == {"electricity.grid 2021-03": 3 * PER_KWH}


@pytest.mark.parametrize(
    ("change", "cell"),
    [
        ({"period": {"start": "2021-04-01", "end": "2021-05-01"}}, "electricity.grid 2021-04"),
        ({"activity_type": "fuel.natural_gas", "quantity": {"value": "1000", "unit": "m3"}}, "fuel.natural_gas 2021-03"),
    ],
)
async def test_a_correction_leaves_nothing_in_the_cell_that_it_left(intake: Intake, change: dict, cell: str):
    site = await intake.site()
    record = intake.record(site)
    await intake.pushed(record)

    corrected = await intake.pushed(record | change, "corrected")

    assert await intake.of_site(site) == {cell: milligrams(corrected["emissions"]["co2e_kg"])}


async def test_older_content_is_stale_and_changes_nothing(intake: Intake):
    site = await intake.site()
    record = intake.record(site, source_modified_at=LATE)
    await intake.pushed(record)

    answer = await intake.push(record | {"quantity": kwh("5"), "source_modified_at": EARLY})

    assert (answer.status, answer.body["outcome"], answer.body["revision"]) == (200, "stale", 1)
    assert answer.body["quantity"] == kwh("1000")
    assert await intake.total_of(site) == 1_000 * PER_KWH


async def test_the_time_of_modification_is_an_instant_whatever_its_offset(intake: Intake):
    record = intake.record(await intake.site(), source_modified_at="2021-04-05T10:00:00+08:00")
    await intake.pushed(record)

    await intake.pushed(record | {"quantity": kwh("5"), "source_modified_at": "2021-04-05T01:59:59Z"}, "stale")
    await intake.pushed(record | {"quantity": kwh("6"), "source_modified_at": "2021-04-05T02:00:00Z"}, "corrected")


async def test_unchanged_content_takes_over_the_later_time_of_modification(intake: Intake):
    record = intake.record(await intake.site(), source_modified_at=EARLY)
    await intake.pushed(record)
    await intake.pushed(record | {"source_modified_at": LATE}, "unchanged")

    await intake.pushed(record | {"quantity": kwh("5"), "source_modified_at": "2021-12-31T00:00:00Z"}, "stale")


async def test_two_source_systems_may_use_the_same_external_id(intake: Intake):
    site = await intake.site()
    record = intake.record(site)

    ids = {(await intake.pushed(record | {"source_system": system}))["id"] for system in ("ehs", "erp")}

    assert len(ids) == 2
    assert await intake.total_of(site) == 2_000 * PER_KWH


async def test_a_correction_by_hand_survives_the_nightly_push_of_its_source(intake: Intake):
    site = await intake.site()
    record = intake.record(site)
    first = await intake.pushed(record)

    patched = await intake.operator.patch(f"/v1/activities/{first['id']}", {"quantity": {"value": "7"}}, if_match='"1"')
    assert (patched.status, patched.body["outcome"], patched.body["revision"]) == (200, "corrected", 2)
    assert patched.headers["etag"] == '"2.calculated.AR6"'
    again = await intake.pushed(record, "unchanged")

    assert again["quantity"] == kwh("7")
    assert await intake.total_of(site) == 7 * PER_KWH
    await intake.pushed(record | {"quantity": kwh("8")}, "corrected")
    assert await intake.total_of(site) == 8 * PER_KWH


async def test_a_correction_by_hand_names_the_version_that_it_was_made_for(intake: Intake):
    path = f"/v1/activities/{(await intake.pushed(intake.record(await intake.site())))['id']}"

    without = await intake.operator.patch(path, {"quantity": {"value": "7"}}, if_match=None)
    for_another = await intake.operator.patch(path, {"quantity": {"value": "7"}}, if_match='"9"')

    assert (without.status, without.problem.code) == (428, "precondition_required")
    assert (for_another.status, for_another.problem.code) == (412, "precondition_failed")
    assert (await intake.get(path))["revision"] == 1


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"source_system": "other"}, "/source_system"),
        ({"external_id": "other"}, "/external_id"),
        ({"source_modified_at": LATE}, "/source_modified_at"),
        ({"colour": "red"}, "/colour"),
        ({"quantity": {"value": 7}}, "/quantity/value"),
        ({"quantity": {"unit": "furlong"}}, "/quantity/unit"),
        ({"quantity": {"value": None}}, "/quantity/value"),
        ({"period": {"end": "2021-01-01"}}, "/period"),
        ({"site_external_id": "nowhere"}, "/site_external_id"),
        ({"activity_type": None}, ""),
    ],
)
async def test_a_correction_by_hand_is_judged_like_a_push(intake: Intake, patch: dict, pointer: str):
    path = f"/v1/activities/{(await intake.pushed(intake.record(await intake.site())))['id']}"

    answer = await intake.operator.patch(path, patch)

    assert answer.status == 422
    assert answer.problem.pointers == [pointer]
    assert (await intake.get(path))["revision"] == 1


async def test_null_in_a_correction_takes_a_field_away(intake: Intake):
    path = f"/v1/activities/{(await intake.pushed(intake.record(await intake.site(), comment='wrong')))['id']}"

    await intake.operator.patch(path, {"comment": None})

    assert "comment" not in (await intake.get(path))["content"]


async def test_a_void_takes_the_figures_out_and_survives_the_same_content(intake: Intake):
    site = await intake.site()
    record = intake.record(site)
    path = f"/v1/activities/{(await intake.pushed(record))['id']}"

    void = await intake.operator.post(f"{path}/voids", {"reason": "entered twice"})
    again = await intake.pushed(record, "unchanged")

    assert (void.status, void.body["outcome"], void.body["revision"]) == (201, "voided", 2)
    assert (void.body["voided"], void.body["calculation_state"], void.body["emissions"]) == (True, None, None)
    assert (again["voided"], again["emissions"]) == (True, None)
    assert await intake.of_site(site) == {}
    assert (await intake.operator.get(f"{path}/calculation")).status == 409


async def test_a_void_of_a_void_changes_nothing(intake: Intake):
    path = f"/v1/activities/{(await intake.pushed(intake.record(await intake.site())))['id']}"
    await intake.operator.post(f"{path}/voids", {"reason": "entered twice"})

    again = await intake.operator.post(f"{path}/voids", {"reason": "entered twice"})

    assert (again.status, again.body["revision"]) == (201, 2)
    assert len((await intake.get(f"{path}/history"))["items"]) == 2


async def test_changed_content_of_a_voided_record_counts_again(intake: Intake):
    site = await intake.site()
    record = intake.record(site)
    path = f"/v1/activities/{(await intake.pushed(record))['id']}"
    await intake.operator.post(f"{path}/voids", {"reason": "entered twice"})

    again = await intake.pushed(record | {"quantity": kwh("5")}, "corrected")

    assert (again["voided"], again["revision"]) == (False, 3)
    assert await intake.total_of(site) == 5 * PER_KWH


async def test_a_void_needs_a_reason(intake: Intake):
    path = f"/v1/activities/{(await intake.pushed(intake.record(await intake.site())))['id']}"

    assert (await intake.operator.post(f"{path}/voids", {})).problem.pointers == ["/reason"]
    assert (await intake.operator.post(f"{path}/voids", {"reason": ""})).problem.pointers == ["/reason"]


async def test_the_history_has_every_revision_with_who_when_and_why(intake: Intake):
    record = intake.record(await intake.site())
    path = f"/v1/activities/{(await intake.pushed(record))['id']}"
    await intake.operator.patch(path, {"quantity": {"value": "7"}})
    await intake.operator.post(f"{path}/voids", {"reason": "entered twice"})
    other = await intake.make_client(kind="operator")
    await intake.push(record | {"quantity": kwh("5")}, other)

    revisions = (await intake.get(f"{path}/history"))["items"]

    assert [(each["revision"], each["outcome"], each["reason"]) for each in revisions] == [
        (1, "created", None),
        (2, "corrected", None),
        (3, "voided", "entered twice"),
        (4, "corrected", None),
    ]
    assert [each["content"]["quantity"]["value"] for each in revisions] == ["1000", "7", "7", "5"]
    assert [each["principal"] for each in revisions] == [intake.operator.client_id] * 3 + [other.client_id]
    assert sorted(each["recorded_at"] for each in revisions) == [each["recorded_at"] for each in revisions]


async def test_a_record_that_is_kept_by_its_reader_is_not_sent_again_before_it_changes(intake: Intake):
    path = f"/v1/activities/{(await intake.pushed(intake.record(await intake.site())))['id']}"
    read = await intake.operator.get(path)
    kept = {"If-None-Match": f'"other", {read.headers["etag"]}'}

    assert (await intake.operator.request("GET", path, kept)).status == 304
    changed = await intake.operator.patch(path, {"comment": "new"}, if_match=read.headers["etag"])
    assert changed.status == 200
    assert (await intake.operator.request("GET", path, kept)).body["revision"] == 2
    assert (await intake.operator.request("GET", path, {"If-None-Match": changed.headers["etag"]})).status == 304
    assert (await intake.operator.get("/v1/activities/01900000-0000-7000-8000-000000000000")).problem.code == "not_found"


async def test_a_retried_request_with_its_key_gets_the_same_answer_and_no_second_effect(intake: Intake):
    site = await intake.site()
    record, key = intake.record(site), {"Idempotency-Key": intake.name("key")}
    first = await intake.operator.post("/v1/activities", record, key)
    await intake.pushed(record | {"quantity": kwh("5")}, "corrected")

    again = await intake.operator.post("/v1/activities", record, key)
    other = await intake.operator.post("/v1/activities", record | {"quantity": kwh("6")}, key)

    assert (again.status, again.body) == (201, first.body)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert (other.status, other.problem.code) == (422, "idempotency_key_reused")
    assert await intake.total_of(site) == 5 * PER_KWH


async def test_a_refused_request_leaves_its_key_free(intake: Intake):
    record, key = intake.record(await intake.site()), {"Idempotency-Key": intake.name("key")}

    refused = await intake.operator.post("/v1/activities", record | {"site_external_id": "nowhere"}, key)
    mended = await intake.operator.post("/v1/activities", record, key)

    assert (refused.status, mended.status) == (422, 201)

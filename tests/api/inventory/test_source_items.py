"""Item codes of a source: what they stand for, and which nobody has mapped."""

import pytest

from tests.api.inventory.intake import Intake

KWH = {"activity_type": "electricity.grid", "unit": "kWh"}


async def test_a_mapping_is_created_repeated_and_changed(intake: Intake):
    path = f"/v1/source-systems/ehs/items/{intake.name('E')}"

    created = await intake.operator.put(path, KWH)
    again = await intake.operator.put(path, KWH)
    changed = await intake.operator.put(path, KWH | {"unit": "MWh"})

    assert [answer.status for answer in (created, again, changed)] == [201, 200, 200]
    assert [answer.headers["etag"] for answer in (created, again, changed)] == ['"1"', '"1"', '"2"']
    assert created.body["release"]["state"] in ("queued", "running", "done")
    assert changed.body["unit"] == "MWh"


async def test_a_mapping_names_unit_and_site_where_the_record_leaves_them_out(intake: Intake):
    site, code = await intake.site(), intake.name("E")
    await intake.map_item("ehs", code, unit="MWh", site_external_id=site)

    pushed = await intake.pushed(intake.record(None, item_code=code, quantity={"value": "2"}))

    assert (pushed["site_external_id"], pushed["activity_type"], pushed["item_code"]) == (site, "electricity.grid", code)
    assert pushed["quantity"] == {"value": "2", "unit": "MWh"}
    assert pushed["emissions"]["co2e_kg"] == "943.000000"


async def test_another_unit_of_the_mappings_dimension_is_converted_and_of_another_refused(intake: Intake):
    site, code = await intake.site(), intake.name("G")
    await intake.map_item("ehs", code, activity_type="fuel.diesel", unit="L")
    record = intake.record(site, item_code=code, quantity={"value": "1", "unit": "m3"})

    pushed = await intake.pushed(record)
    in_kilograms = await intake.push(record | {"quantity": {"value": "1", "unit": "kg"}})

    assert pushed["emissions"]["co2e_kg"] == "2621.340922"
    assert [(error["pointer"], error["code"]) for error in in_kilograms.problem.errors] == [("/quantity/unit", "dimension_mismatch")]


async def test_a_site_in_the_record_goes_before_the_mappings(intake: Intake):
    meant, named, code = await intake.site(), await intake.site(), intake.name("E")
    await intake.map_item("ehs", code, site_external_id=meant)

    pushed = await intake.pushed(intake.record(named, item_code=code, quantity={"value": "2"}))

    assert pushed["site_external_id"] == named


async def test_a_mapping_can_count_an_item_in_a_category_of_its_own(intake: Intake):
    site, code = await intake.site(), intake.name("E")
    await intake.map_item("ehs", code, scope=3, category="s3.8")

    pushed = await intake.pushed(intake.record(site, item_code=code, quantity={"value": "2"}))

    assert (pushed["scope"], pushed["category"]) == (3, "s3.8")


async def test_a_changed_mapping_applies_to_later_pushes_only(intake: Intake):
    site, code = await intake.site(), intake.name("E")
    await intake.map_item("ehs", code)
    before, after = (intake.record(site, item_code=code, quantity={"value": "1000"}) for _ in range(2))
    await intake.pushed(before)
    await intake.map_item("ehs", code, unit="MWh")

    assert (await intake.pushed(after))["emissions"]["co2e_kg"] == "471500.000000"
    assert (await intake.pushed(before, "unchanged"))["emissions"]["co2e_kg"] == "471.500000"


async def test_a_code_is_of_its_source_system_only(intake: Intake):
    site, code = await intake.site(), intake.name("E")
    await intake.map_item("erp", code)

    await intake.pushed(intake.record(site, item_code=code, quantity={"value": "2"}), "quarantined")


@pytest.mark.parametrize(
    ("mapping", "pointer", "code"),
    [
        ({"activity_type": "electricity.gird"}, "/activity_type", "unknown_activity_type"),
        ({"unit": "furlong"}, "/unit", "unknown_unit"),
        ({"unit": "kg"}, "/unit", "dimension_mismatch"),
        ({"site_external_id": "nowhere"}, "/site_external_id", "unknown_site"),
        ({"scope": 1}, "/scope", "scope_mismatch"),
        ({"scope": 3, "category": "electricity"}, "/scope", "scope_mismatch"),
        ({"category": "s3.16"}, "/category", "unknown_value"),
        ({"colour": "red"}, "/colour", "unknown_field"),
        ({"unit": None}, "/unit", "not_a_string"),
    ],
)
async def test_a_wrong_mapping_is_refused_with_a_pointer(intake: Intake, mapping: dict, pointer: str, code: str):
    item = intake.name("E")
    answer = await intake.operator.put(f"/v1/source-systems/ehs/items/{item}", KWH | mapping)

    assert answer.status == 422
    assert [(error["pointer"], error["code"]) for error in answer.problem.errors] == [(pointer, code)]
    assert item not in [mapped["code"] for mapped in (await intake.get("/v1/source-systems/ehs/items", limit=1000))["items"]]


@pytest.mark.parametrize("code", ["x" * 201, "%00"])
async def test_a_code_that_no_record_can_have_is_refused(intake: Intake, code: str):
    assert (await intake.operator.put(f"/v1/source-systems/ehs/items/{code}", KWH)).status == 422


async def test_unmapped_codes_are_listed_with_what_waits_for_them(intake: Intake):
    site, system = await intake.site(), intake.name("system")
    for code, unit, month in (("B", "t", 3), ("A", "kWh", 1), ("B", None, 5)):
        period = {"start": f"2021-{month:02}-01", "end": f"2021-{month + 1:02}-01"}
        quantity = {"value": "1"} | ({"unit": unit} if unit else {})
        record = intake.record(site, source_system=system, item_code=code, period=period, quantity=quantity)
        await intake.pushed(record, "quarantined")

    assert (await intake.get(f"/v1/source-systems/{system}/unmapped"))["items"] == [
        {"code": "A", "records": 1, "first_day": "2021-01-01", "last_day": "2021-01-31", "units": ["kWh"]},
        {"code": "B", "records": 2, "first_day": "2021-03-01", "last_day": "2021-05-31", "units": ["t"]},
    ]
    await intake.map_item(system, "A")
    assert [item["code"] for item in (await intake.get(f"/v1/source-systems/{system}/unmapped"))["items"]] == ["B"]


async def test_lists_of_codes_come_page_by_page(intake: Intake):
    system, codes = intake.name("system"), [f"C-{number}" for number in range(5)]
    for code in codes:
        await intake.operator.put(f"/v1/source-systems/{system}/items/{code}", KWH)

    seen, cursor = [], {}
    while True:
        page = await intake.get(f"/v1/source-systems/{system}/items", limit=2, **cursor)
        seen += [item["code"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    assert seen == codes

"""The read model holds what events say, whatever the order in which they come."""

import random
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.shapes import Totals
from tests.api.reporting import group
from tests.api.reporting.conftest import Stand, as_messages

KEYS = ("scope", "category", "site", "entity", "gas", "month", "activity_type", "factor")


def history() -> list:
    """Everything, with older and newer versions of some cells, a moved share, and a site told again."""
    return [
        *group.everything(),
        *(group.cell("grid-site-a-1", "site-a", 1, version=version, records=version) for version in (2, 3, 4)),
        group.cell("grid-site-b-1", "site-b", 1, version=2, quantity_nano=0, gases=[group.gas("CO2", 0, 0)], records=0),
        group.entity(group.VENTURE, "E-VENT", group.HOLDING, "0.45", version=2),
        group.site("site-c", version=2),
        group.approved(group.cell("grid-site-a-1", "site-a", 1), group.WORKS, "1", version=3),
        group.approved(group.cell("grid-site-a-1", "site-a", 1), group.WORKS, "1", version=5, gases=[group.gas("CO2", 0, 0)], records=0),
        group.intake(1),
    ]


@given(seed=st.integers(0, 10**9))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_order_and_repetition_of_events_gives_the_same_rows(stand: Stand, seed: int):
    messages = as_messages(history())
    await stand.forget()
    await stand.apply(messages)
    in_order = await stand.rows()

    chance = random.Random(seed)
    shuffled = messages + chance.choices(messages, k=len(messages) // 2)
    chance.shuffle(shuffled)
    await stand.forget()
    await stand.apply(shuffled, chance)

    assert await stand.rows() == in_order
    assert len(in_order["cell"]) == len(group.cells())
    assert len(in_order["intake"]) == 2


async def test_rebuilding_from_the_log_gives_the_same_rows(stand: Stand):
    await stand.tell(*history())
    before = await stand.rows()
    assert all(before.values()), [table for table, rows in before.items() if not rows]

    await stand.service.rebuild()
    await stand.service.caught_up()

    assert await stand.rows() == before


async def test_facts_that_their_topic_keeps_no_longer_survive_a_rebuild(stand: Stand):
    await stand.apply(as_messages([group.intake(1)]))  # not from the log, which has none
    before = (await stand.rows())["intake"]

    await stand.service.rebuild()
    await stand.service.caught_up()

    assert len(before) == 1
    assert (await stand.rows())["intake"] == before


async def test_of_several_versions_in_one_batch_the_highest_is_kept(stand: Stand):
    versions = [group.cell("one", "site-a", 1, version=version, records=version) for version in (3, 5, 4)]
    await stand.apply(as_messages(versions))

    (row,) = (await stand.rows())["cell"]
    assert (row["version"], row["records"]) == (5, 5)


async def test_totals_are_the_consolidated_cells_of_the_year(told: Stand):
    answer = await told.client().get("/v1/emissions", year=2021)

    assert answer.status == 200, answer.content
    totals = Totals.model_validate(answer.body)
    assert totals.total.co2e_kg == group.TOTAL_KG
    assert totals.total.biogenic_co2_kg == group.BIOGENIC_KG
    assert totals.items[0].records == 17
    assert totals.incomplete.model_dump() == {"awaiting_factor": 1, "no_factor": 3, "quarantined": 4}
    assert [(each.gwp_basis, each.co2e_kg) for each in totals.co2e_on_another_gwp_basis] == [("AR5", "33.333335")]
    assert (totals.inventory_id, totals.method, totals.consolidation_approach) == (group.INVENTORY, "location_based", "equity_share")


async def test_every_subset_of_group_keys_adds_up_to_the_same_total(told: Stand):
    client = told.client()
    for size in range(1, len(KEYS) + 1):
        for keys in combinations(KEYS, size):
            body = (await client.get("/v1/emissions", year=2021, group_by=",".join(keys))).body
            items = body["items"]
            for figure in ("co2e_kg", "biogenic_co2_kg"):
                assert sum(_mg(item["emissions"][figure]) for item in items) == _mg(body["total"][figure]), keys
            assert all(set(keys) == item.keys() - {"emissions", "records"} for item in items)
            records = [item["records"] for item in items]
            assert records == [None] * len(items) if "gas" in keys else sum(records) == 17


def _mg(kilograms: str) -> int:
    return int(kilograms.replace(".", ""))


async def test_groups_carry_the_values_that_the_contract_names(told: Stand):
    body = (await told.client().get("/v1/emissions", year=2021, group_by="scope,site,entity,month,factor")).body

    assert body["items"][0] | {"emissions": None} == {
        "scope": 1,
        "site": "SITE-A",
        "entity": "E-WORKS",
        "month": "2021-01",
        "factor": "factor-diesel",
        "records": 2,
        "emissions": None,
    }


async def test_a_cell_counts_only_when_its_site_and_all_entities_above_it_are_known(stand: Stand):
    await stand.tell(group.organisation(), group.inventory(), *group.cells(), group.site("site-c"), group.entities()[2])
    client = stand.client()
    assert (await client.get("/v1/emissions", year=2021)).body["total"]["co2e_kg"] == "0.000000"

    await stand.tell(group.entities()[0])
    assert (await client.get("/v1/emissions", year=2021)).body["total"]["co2e_kg"] == group.VENTURE_KG


async def test_an_approved_inventory_counts_its_own_rows_whatever_changes_afterwards(told: Stand):
    frozen = group.cell("grid-site-c-1", "site-c", 1, gases=[group.gas("CO2", 282_900_001, 282_900_001)])
    await told.tell(group.approved(frozen, group.VENTURE, "3/5", version=2), group.inventory(version=2, state="approved"))
    await told.tell(group.entity(group.VENTURE, "E-VENT", group.HOLDING, "0.10", version=2))
    client = told.client()

    body = (await client.get("/v1/emissions", year=2021, group_by="entity")).body
    assert [(item["entity"], item["emissions"]["co2e_kg"]) for item in body["items"]] == [("E-VENT", "282.900001")]

    emptied = group.approved(frozen, group.VENTURE, "3/5", version=3, gases=[group.gas("CO2", 0, 0)], quantity_nano=0, records=0)
    await told.tell(
        emptied, group.inventory(version=3, state="open"), group.entity(group.VENTURE, "E-VENT", group.HOLDING, "0.60", version=3)
    )
    assert (await client.get("/v1/emissions", year=2021)).body["total"]["co2e_kg"] == group.TOTAL_KG


async def test_a_narrowed_client_sees_the_sites_of_its_entities_and_all_below_them(told: Stand):
    works = (await told.client(entity_ids=[group.WORKS]).get("/v1/emissions", year=2021, group_by="site")).body
    assert works["total"]["co2e_kg"] == group.WORKS_KG
    assert {item["site"] for item in works["items"]} == {"SITE-A", "SITE-B"}
    assert works["incomplete"] == {"awaiting_factor": 1, "no_factor": 0, "quarantined": 0}

    holding = (await told.client(entity_ids=[group.HOLDING]).get("/v1/emissions", year=2021)).body
    assert holding["total"]["co2e_kg"] == group.TOTAL_KG
    assert holding["incomplete"]["quarantined"] == 0  # records of no known site are shown only to those who see everything


async def test_a_client_narrowed_to_source_systems_has_no_totals_and_no_reports(told: Stand):
    client = told.client(source_systems=["ehs-1"])
    order = {"type": "iso14064-1", "year": 2021, "formats": ["json"], "language": "en"}

    answers = [
        await client.get("/v1/emissions", year=2021),
        await client.get("/v1/reports"),
        await client.post("/v1/reports", order),
    ]

    assert [(answer.status, answer.problem.code) for answer in answers] == [(403, "forbidden")] * 3


@pytest.mark.parametrize(
    ("query", "status", "code", "pointer"),
    [
        ({}, 422, "required", "/year"),
        ({"year": 2021, "as_of": "2021-12-31"}, 422, "as_of_not_available", "/as_of"),
        ({"year": 2021, "group_by": "scope,colour"}, 422, "unknown_value", "/group_by"),
        ({"year": "soon"}, 422, "int_parsing", "/year"),
        ({"year": 2021, "method": "guess"}, 422, "unknown_value", "/method"),
        ({"year": 2021, "method": "market_based"}, 409, "market_based_not_calculated", None),
        ({"year": 2019}, 404, "not_found", None),
        ({"year": 2020, "inventory_id": group.INVENTORY}, 404, "not_found", None),
        ({"inventory_id": "unknown"}, 404, "not_found", None),
    ],
)
async def test_questions_without_an_answer_are_refused(told: Stand, query: dict, status: int, code: str, pointer: str | None):
    answer = await told.client().get("/v1/emissions", **query)

    assert answer.status == status
    if pointer is None:
        assert answer.problem.code == code
    else:
        assert [(error["pointer"], error["code"]) for error in answer.problem.errors] == [(pointer, code)]


async def test_who_asks_for_an_inventory_that_was_just_created_is_told_to_ask_again(told: Stand):
    answer = await told.client().get("/v1/emissions", year=2022)

    assert "figures of a new inventory appear within a second" in answer.problem.detail


async def test_reading_needs_its_scope(told: Stand):
    answer = await told.client(scopes=["reports:issue"]).get("/v1/emissions", year=2021)

    assert (answer.status, answer.problem.code) == (403, "missing_scope")

"""Totals over HTTP: consolidated once per cell, half-even, the same whatever they are grouped by, and plain about what they lack."""

from itertools import combinations
from typing import Any

import pytest
import pytest_asyncio

from ghg.rounding import milligrams

KEYS = ("scope", "category", "site", "entity", "gas", "month", "activity_type", "factor")


def co2(mg: int) -> tuple[Any, ...]:
    return ("CO2", None, mg, mg, mg, mg)


@pytest_asyncio.fixture
async def group(given_entity, given_site):
    """A whole company and a joint venture of which the group holds one half, each with a plant."""
    await given_entity("group")
    await given_entity("whole", "group")
    venture = await given_entity("venture", "group", ownership=[{"share": "0.5"}], operational_control=True, financial_control=False)
    return {"whole": await given_site("north", "whole"), "venture": await given_site("south", "venture"), "venture_id": venture["id"]}


@pytest_asyncio.fixture
async def totals(operator, given_inventory):
    """Totals of a new inventory of 2021 by the approach."""

    async def of(approach: str = "operational_control", client=operator, **query: Any) -> Any:
        body = {"year": 2021, "name": approach, "consolidation_approach": approach}
        inventory = (await operator.post("/v1/inventories", body)).body
        return await client.get(f"/v1/inventories/{inventory['id']}/totals", **query)

    return of


async def test_an_inventory_without_cells_adds_up_to_nothing(totals):
    answer = await totals(group_by="scope")

    assert answer.status == 200
    assert answer.body["items"] == []
    assert answer.body["total"] == {"co2e_kg": "0.000000", "gases": [], "biogenic_co2_kg": "0.000000", "gwp_set": "AR6"}
    assert answer.body["incomplete"] == {"awaiting_factor": 0, "no_factor": 0, "quarantined": 0}


async def test_masses_and_co2e_are_added_gas_by_gas(group, given_cell, totals):
    # 2,162,188,809 mg CO2 + 38,929 mg CH4 × 29.8 = 1,160,084 mg; the biogenic 5 mg stand apart
    await given_cell(group["whole"], [co2(2_162_188_809), ("CH4_fossil", None, 38_929, 973_225, 1_090_012, 1_160_084)], biogenic_co2_mg=5)

    body = (await totals()).body

    assert body["total"]["co2e_kg"] == "2163.348893"
    assert body["total"]["biogenic_co2_kg"] == "0.000005"
    assert body["total"]["gases"] == [
        {"gas": "CH4_fossil", "kg": "0.038929", "co2e_kg": "1.160084", "gwp_basis": None},
        {"gas": "CO2", "kg": "2162.188809", "co2e_kg": "2162.188809", "gwp_basis": None},
    ]
    assert (body["consolidation_approach"], body["method"]) == ("operational_control", "location_based")
    assert [item["records"] for item in body["items"]] == [1]


async def test_each_approach_takes_its_share(group, given_cell, totals):
    await given_cell(group["whole"], [co2(1_000)])
    await given_cell(group["venture"], [co2(600)])

    assert (await totals("operational_control")).body["total"]["co2e_kg"] == "0.001600"
    assert (await totals("financial_control")).body["total"]["co2e_kg"] == "0.001000"
    assert (await totals("equity_share")).body["total"]["co2e_kg"] == "0.001300"


async def test_a_share_is_rounded_once_per_cell_half_to_even(group, given_cell, totals):
    # half of 5, 7 and 9 mg in three cells: 2.5 → 2, 3.5 → 4, 4.5 → 4, together 10; half-up would make 12, rounding the sum 10 or 11
    for month, mg in (("2021-01", 5), ("2021-02", 7), ("2021-03", 9)):
        await given_cell(group["venture"], [co2(mg)], month=month)

    body = (await totals("equity_share", group_by="month")).body

    assert [item["emissions"]["co2e_kg"] for item in body["items"]] == ["0.000002", "0.000004", "0.000004"]
    assert body["total"]["co2e_kg"] == "0.000010"


async def test_ownership_counts_by_the_month(operator, group, given_cell, totals):
    ownership = [{"to": "2021-03-01", "share": "0.5"}, {"from": "2021-03-01", "share": "0.75"}]
    await operator.patch(f"/v1/entities/{group['venture_id']}", {"ownership": ownership})
    for month in ("2021-02", "2021-03"):
        await given_cell(group["venture"], [co2(1_000)], month=month)

    body = (await totals("equity_share", group_by="month")).body

    assert [(item["month"], item["emissions"]["co2e_kg"]) for item in body["items"]] == [("2021-02", "0.000500"), ("2021-03", "0.000750")]


async def test_every_grouping_adds_up_to_the_same_total(group, given_cell, totals):
    for number, (site, month) in enumerate((site, month) for site in ("whole", "venture") for month in ("2021-01", "2021-02", "2021-12")):
        gas = ("CH4_biogenic", None, 3, 75 + number, 84 + number, 81 + number)
        await given_cell(group[site], [co2(10**12 + number), gas], month=month, records=number + 1, biogenic_co2_mg=number)
        await given_cell(
            group[site],
            [("CO2e", "AR5", None, 77 + number, 77 + number, 77 + number)],
            month=month,
            scope=2,
            category="electricity",
            activity_type="electricity.grid",
            factor_id="f2",
            method="location_based",
        )
    total = (await totals("equity_share")).body["total"]

    for size in range(1, len(KEYS) + 1):
        for keys in combinations(KEYS, size):
            items = (await totals("equity_share", group_by=",".join(keys))).body["items"]
            assert all(set(item) == {*keys, "emissions", "records"} for item in items)
            assert sum(milligrams(item["emissions"]["co2e_kg"]) for item in items) == milligrams(total["co2e_kg"]), keys
            assert sum(milligrams(item["emissions"]["biogenic_co2_kg"]) for item in items) == milligrams(total["biogenic_co2_kg"]), keys
            assert all((item["records"] is None) == ("gas" in keys) for item in items)


async def test_groups_carry_the_values_of_their_keys(group, given_cell, totals):
    await given_cell(group["whole"], [co2(7)])

    (item,) = (await totals(group_by=",".join(reversed(KEYS)))).body["items"]

    assert {key: item[key] for key in KEYS} == {
        "scope": 1,
        "category": "stationary_combustion",
        "site": "north",
        "entity": "whole",
        "gas": "CO2",
        "month": "2021-03",
        "activity_type": "fuel.natural_gas",
        "factor": "f1",
    }


async def test_the_same_keys_may_be_repeated_as_parameters(group, given_cell, totals):
    await given_cell(group["whole"], [co2(7)])

    (item,) = (await totals(group_by=["scope", "site,scope"])).body["items"]

    assert set(item) == {"scope", "site", "emissions", "records"}


async def test_only_cells_of_the_inventorys_period_count(group, given_cell, totals):
    for month in ("2020-12", "2021-01", "2021-12", "2022-01"):
        await given_cell(group["whole"], [co2(1)], month=month)

    assert (await totals()).body["total"]["co2e_kg"] == "0.000002"


async def test_a_vanished_cell_makes_no_group(group, given_cell, totals):
    await given_cell(group["whole"], [co2(7)])
    await given_cell(group["whole"], [co2(-7)], records=-1, quantity_nano=-(10**9))

    assert (await totals(group_by="factor")).body["items"] == []


async def test_records_without_a_figure_are_counted_by_why(group, given_cell, totals):
    unknown = {"factor_id": None, "records": 2, "quantity_nano": 0, "unit": None}
    await given_cell(group["whole"], state="awaiting_factor", **unknown)
    await given_cell(group["whole"], state="no_factor", **unknown | {"records": 3})
    await given_cell(None, state="quarantined", **unknown | {"activity_type": None, "scope": None, "category": None, "item": "x"})

    body = (await totals(group_by="scope")).body

    assert body["incomplete"] == {"awaiting_factor": 2, "no_factor": 3, "quarantined": 2}
    assert body["items"] == []


async def test_a_gas_without_gwp_is_named_and_not_counted_as_zero(group, given_cell, totals):
    await given_cell(group["whole"], [("HFC-x", None, 50, None, None, None)])

    body = (await totals(group_by="gas")).body

    assert body["gases_without_gwp"] == ["HFC-x"]
    assert body["items"][0]["emissions"]["co2e_kg"] is None
    assert body["items"][0]["emissions"]["gases"] == [{"gas": "HFC-x", "kg": "0.000050", "co2e_kg": None, "gwp_basis": None}]


async def test_co2e_on_its_publishers_gwp_basis_is_told_apart(group, given_cell, totals):
    await given_cell(group["whole"], [co2(100)])
    await given_cell(group["whole"], [("CO2e", "AR5", None, 77, 77, 77)], factor_id="f2")

    body = (await totals()).body

    assert body["total"]["co2e_kg"] == "0.000177"
    assert body["co2e_on_another_gwp_basis"] == [{"gas": "CO2e", "kg": None, "co2e_kg": "0.000077", "gwp_basis": "AR5"}]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [({"group_by": "colour"}, "/group_by"), ({"group_by": "scope,Gas"}, "/group_by"), ({"method": "dual"}, "/method")],
)
async def test_unknown_keys_and_methods_are_refused_at_the_parameter(totals, query, pointer):
    refusal = await totals(**query)

    assert refusal.status == 422
    assert refusal.problem.errors[0]["pointer"] == pointer
    assert refusal.problem.errors[0]["code"] == "unknown_value"


async def test_market_based_figures_are_not_there_before_instruments_are_allocated(totals):
    refusal = await totals(method="market_based")

    assert (refusal.status, refusal.problem.code) == (409, "market_based_not_calculated")


async def test_a_narrowed_client_gets_the_totals_of_its_entities_only(group, given_cell, totals, client_with):
    await given_cell(group["whole"], [co2(1_000)])
    await given_cell(group["venture"], [co2(600)])
    unknown = {"state": "quarantined", "factor_id": None, "records": 1, "quantity_nano": 0}
    await given_cell(None, item="x", **unknown)
    await given_cell(group["venture"], item="y", **unknown)
    client = await client_with(kind="app", entity_ids=[group["venture_id"]])

    body = (await totals(client=client, group_by="entity")).body

    assert [(item["entity"], item["emissions"]["co2e_kg"]) for item in body["items"]] == [("venture", "0.000600")]
    assert body["total"]["co2e_kg"] == "0.000600"
    assert body["incomplete"]["quarantined"] == 1
    assert (await totals()).body["incomplete"]["quarantined"] == 2


async def test_a_client_of_one_source_system_has_no_totals(totals, client_with):
    client = await client_with(kind="ehs", source_systems=["ehs-1"], scopes=["inventories:read"])

    assert (await totals(client=client)).status == 403

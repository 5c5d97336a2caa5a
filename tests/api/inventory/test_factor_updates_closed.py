"""A factor update and closed periods: they never move, to the milligram, and take it up only once they are open again."""

from typing import Any

from ghg.rounding import milligrams
from tests.api.inventory.catalogues import VINTAGE_2022, VINTAGE_2023, Catalogue, month, unchanged, without
from tests.api.inventory.intake import Json, until

FIRST_HALF = {"start": "2023-01-01", "end": "2023-07-01"}


async def half_closed(catalogue: Catalogue) -> tuple[str, Json, Json, str]:
    """A site with a record in March 2023, which is closed, and one in August, which is not; both of one combination, in 1/3 kWh steps."""
    intake = catalogue.intake
    await catalogue.becomes(without(VINTAGE_2023))
    site = await intake.site("CN-GD")
    quantity = {"value": "1000.333333333", "unit": "kWh"}
    in_closed = await intake.pushed(intake.record(site, period=month(2023), quantity=quantity))
    in_open = await intake.pushed(intake.record(site, period=month(2023, 8), quantity=quantity))
    inventory = await intake.inventory(2023, "first half", period=FIRST_HALF)
    await intake.approve(inventory)
    return site, in_closed, in_open, inventory


async def everything_of(catalogue: Catalogue, site: str, record: Json, inventory: str) -> list[Any]:
    """All that tells the figure of a closed period: totals, its record, the record's trace, its cells, and what reporting shows."""
    intake = catalogue.intake
    cells = (
        "SELECT jsonb_agg(to_jsonb(cell) || jsonb_build_object('gases', (SELECT jsonb_agg(to_jsonb(cell_gas) ORDER BY gas)"
        " FROM cell_gas WHERE cell_id = cell.id)) ORDER BY id)::text FROM cell WHERE segment_start < '2023-07-01'"
    )
    return [
        (await intake.get(f"/v1/inventories/{inventory}/totals", group_by="site,month,factor,gas")),
        (await intake.get(f"/v1/activities/{record['id']}")),
        (await intake.get(f"/v1/activities/{record['id']}/calculation")),
        (await intake.get(f"/v1/activities/{record['id']}/history")),
        (await intake.of_site(site, 2023))["electricity.grid 2023-03"],
        (await intake.get("/v1/emissions", year=2023, inventory_id=inventory, group_by="site,month,factor")),
        await catalogue.read("inventory", cells),
    ]


async def test_nothing_moves_in_a_closed_period_to_the_milligram(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    site, in_closed, in_open, inventory = await half_closed(catalogue)
    await intake.settle()
    before = await everything_of(catalogue, site, in_closed, inventory)
    await catalogue.becomes(unchanged)
    update = await catalogue.only_update()

    impact = await catalogue.impact(update)

    assert [(item["segment"]["start"], item["records"]) for item in impact["items"]] == [("2023-08-01", 1)]
    (not_moved,) = impact["not_moved"]["inventories"]
    assert impact["not_moved"]["records"] == 1
    assert (not_moved["inventory_id"], not_moved["state"], not_moved["period"], not_moved["records"]) == (
        inventory,
        "approved",
        FIRST_HALF,
        1,
    )

    await catalogue.accept(update)

    assert await everything_of(catalogue, site, in_closed, inventory) == before
    # 1000.333333333 kWh × 0.4403 and 0.4419 kg/kWh, half-even to whole milligrams: 440446766.666… and 442047299.999…
    assert await intake.of_site(site, 2023) == {"electricity.grid 2023-03": 440_446_767, "electricity.grid 2023-08": 442_047_300}
    trace = await intake.get(f"/v1/activities/{in_closed['id']}/calculation")
    assert (trace["factor"]["dataset"], trace["emissions"]["co2e_kg"]) == (VINTAGE_2022, "440.446767")
    assert (await intake.get(f"/v1/activities/{in_open['id']}/calculation"))["factor"]["dataset"] == VINTAGE_2023


async def test_a_period_that_is_opened_again_takes_up_what_was_accepted_meanwhile(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    site, in_closed, _, inventory = await half_closed(catalogue)
    await catalogue.becomes(unchanged)
    await catalogue.accept(await catalogue.only_update())

    await intake.transition(inventory, "open")

    async def taken_up() -> bool:
        return await intake.of_site(site, 2023) == {"electricity.grid 2023-03": 442_047_300, "electricity.grid 2023-08": 442_047_300}

    await until(taken_up)
    assert (await intake.get(f"/v1/activities/{in_closed['id']}/calculation"))["factor"]["dataset"] == VINTAGE_2023


async def test_a_record_with_one_day_in_a_closed_period_does_not_move(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    await catalogue.becomes(without(VINTAGE_2023))
    site = await intake.site("CN-GD")
    across = await intake.pushed(intake.record(site, period={"start": "2023-06-30", "end": "2023-08-01"}))
    await intake.approve(await intake.inventory(2023, "first half", period=FIRST_HALF))
    before = await intake.of_site(site, 2023)
    await catalogue.becomes(unchanged)
    update = await catalogue.only_update()

    assert (await catalogue.impact(update))["items"] == []
    await catalogue.accept(update)

    assert await intake.of_site(site, 2023) == before
    assert sum(before.values()) == milligrams(across["emissions"]["co2e_kg"])


async def test_an_inventory_is_not_approved_while_its_records_are_counted_anew(catalogue: Catalogue) -> None:
    """Else one part of it would stand on the old factor for good, and the other on the new one."""
    intake = catalogue.intake
    await catalogue.becomes(without(VINTAGE_2023))
    await intake.pushed(intake.record(await intake.site("CN-GD"), period=month(2023)))
    inventory = await intake.inventory(2023)
    await intake.transition(inventory, "in_review")
    await catalogue.becomes(unchanged)
    await catalogue.accept(await catalogue.only_update())
    approver = await intake.make_client(kind="operator")
    left_behind = "UPDATE activity SET binding_numbers = '[1]' RETURNING 1"  # as if the job had not come to it yet
    await catalogue.read("inventory", left_behind)

    refusal = await approver.post(f"/v1/inventories/{inventory}/transitions", {"to": "approved"})

    assert (refusal.status, refusal.problem.code) == (409, "recount_under_way")
    assert refusal.headers["retry-after"]
    await catalogue.read("inventory", "UPDATE activity SET binding_numbers = '[2]' RETURNING 1")
    await intake.transition(inventory, "approved", approver)

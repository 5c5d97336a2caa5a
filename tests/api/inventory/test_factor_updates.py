"""A change of the catalogue is a proposal: it moves nothing until it is accepted, then every open period, and never a closed one."""

import asyncio

from ghg.rounding import milligrams
from tests.api.inventory.catalogues import VINTAGE_2022, VINTAGE_2023, Catalogue, month, unchanged, with_value, without, without_factor


async def test_a_new_vintage_is_proposed_once_for_all_that_it_would_serve_and_moves_nothing(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    await catalogue.becomes(without(VINTAGE_2023))
    guangdong, jiangsu = await intake.site("CN-GD"), await intake.site("CN-JS")
    records = [intake.record(guangdong, period=month(2023)), intake.record(jiangsu, period=month(2023))]
    pushed = [await intake.pushed(record) for record in records]

    await catalogue.becomes(unchanged)

    update = await catalogue.only_update()
    assert (update["kind"], update["from_dataset"], update["to_dataset"]) == ("other_data_set", VINTAGE_2022, VINTAGE_2023)
    assert (update["state"], update["bindings"], update["activity_types"]) == ("proposed", 2, ["electricity.grid"])
    changes = [(one["region"], one["year"], one["from_factor"]["value"], one["to_factor"]["value"]) for one in update["changes"]]
    assert changes == [("CN-GD", 2023, "0.4403", "0.4419"), ("CN-JS", 2023, "0.5978", "0.5827")]
    assert [await intake.total_of(site, 2023) for site in (guangdong, jiangsu)] == [440_300_000, 597_800_000]
    assert [(await intake.pushed(record, "unchanged"))["emissions"] for record in records] == [one["emissions"] for one in pushed]
    assert (await intake.pushed(intake.record(guangdong, period=month(2023, 4))))["emissions"]["co2e_kg"] == "440.300000"


async def test_the_impact_says_for_each_cell_what_acceptance_then_does(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    await catalogue.becomes(without(VINTAGE_2023))
    guangdong, jiangsu = sorted([await intake.site("CN-GD"), await intake.site("CN-JS")])
    for quantity in ("1000.001", "0.0000033", "77.7"):  # the second is 1.45 mg, and rounds by itself
        for site in (guangdong, jiangsu):
            await intake.pushed(
                intake.record(site, period={"start": "2023-03-17", "end": "2023-05-02"}, quantity={"value": quantity, "unit": "kWh"})
            )
    before = {site: await intake.of_site(site, 2023) for site in (guangdong, jiangsu)}
    await catalogue.becomes(unchanged)
    update = await catalogue.only_update()

    impact = await catalogue.impact(update)

    assert impact["gwp_set"] == "AR6"
    assert [(item["site"], item["segment"]["start"], item["records"]) for item in impact["items"]] == [
        (site, start, records)
        for site in (guangdong, jiangsu)
        for start, records in (("2023-03-01", 3), ("2023-04-01", 0), ("2023-05-01", 0))
    ]
    first = impact["items"][0]
    assert (first["scope"], first["category"], first["activity_type"], first["method"]) == (
        2, "electricity", "electricity.grid", "location_based",
    )  # fmt: skip
    assert first["quantity_now"] == first["quantity_then"]
    assert first["quantity_now"]["unit"] == "kWh"

    accepted = await catalogue.accept(update)

    assert accepted["state"] == "accepted"
    assert accepted["recount"] == {"state": "done", "recounted": 6, "error": None}
    for item in impact["items"]:
        place = f"electricity.grid {item['segment']['start'][:7]}"
        after = (await intake.of_site(item["site"], 2023))[place]
        assert (milligrams(item["co2e_kg_now"]), milligrams(item["co2e_kg_then"])) == (before[item["site"]][place], after)
        assert milligrams(item["co2e_kg_difference"]) == after - before[item["site"]][place]
    total = impact["total"]
    assert milligrams(total["co2e_kg_difference"]) == sum(milligrams(item["co2e_kg_difference"]) for item in impact["items"])
    assert (total["cells"], total["records"], total["records_without_factor"]) == (6, 6, 0)
    left = await catalogue.impact(update)
    assert (left["items"], left["total"]["records"]) == ([], 0)


async def test_after_acceptance_old_and_new_records_show_the_new_factor_in_their_trace(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    await catalogue.becomes(without(VINTAGE_2023))
    site = await intake.site("CN-GD")
    old = await intake.pushed(intake.record(site, period=month(2023)))
    await intake.inventory(2023)
    kept = {"If-None-Match": (await intake.operator.get(f"/v1/activities/{old['id']}")).headers["etag"]}
    await catalogue.becomes(unchanged)

    await catalogue.accept(await catalogue.only_update())

    new = await intake.pushed(intake.record(site, period=month(2023, 4)))
    for record in (old, new):
        trace = await intake.get(f"/v1/activities/{record['id']}/calculation")
        assert (trace["factor"]["dataset"], trace["emissions"]["co2e_kg"]) == (VINTAGE_2023, "441.900000")
    now = await intake.operator.request("GET", f"/v1/activities/{old['id']}", kept)
    assert (now.status, now.body["revision"], now.body["emissions"]["co2e_kg"]) == (200, 1, "441.900000")
    assert await catalogue.updates() == []
    await intake.settle()
    emissions = await intake.get("/v1/emissions", year=2023)
    assert emissions["total"]["co2e_kg"] == "883.800000"


async def test_a_correction_within_a_data_set_is_an_update(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    site = await intake.site("CN-GD")
    await intake.pushed(intake.record(site))

    await catalogue.becomes(with_value("cn-mee-electricity-2021", "CN-GD", "corrected", "0.5"))

    update = await catalogue.only_update()
    assert (update["kind"], update["from_dataset"], update["to_dataset"]) == ("revised_data_set", *["cn-mee-electricity-2021"] * 2)
    assert [change["to_factor"]["id"] for change in update["changes"]] == ["corrected"]
    await catalogue.accept(update)
    assert await intake.total_of(site) == 500_000_000


async def test_where_no_factor_would_serve_acceptance_leaves_the_records_without_a_figure(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    entity = await intake.entity()
    viewer = await intake.make_client(kind="app", entity_ids=[entity["id"]])
    site = await intake.site("VN", entity=entity["external_id"])
    record = await intake.pushed(intake.record(site, period=month(2023)))
    before = milligrams(record["emissions"]["co2e_kg"])

    await catalogue.becomes(without("grid-national-vn"))

    update = await catalogue.only_update()
    assert (update["kind"], update["to_dataset"], update["changes"][0]["to_factor"]) == ("no_factor", None, None)
    impact = await catalogue.impact(update)
    (cell,) = impact["items"]
    assert (cell["to_factor"], cell["quantity_then"], cell["co2e_kg_then"]) == (None, None, None)
    assert milligrams(cell["co2e_kg_difference"]) == -before
    assert (impact["total"]["records_without_factor"], impact["total"]["co2e_kg_then"]) == (1, "0.000000")
    assert await intake.total_of(site, 2023) == before

    await catalogue.accept(update)

    assert (await intake.get(f"/v1/activities/{record['id']}"))["calculation_state"] == "no_factor"
    assert await intake.of_site(site, 2023) == {}
    assert await intake.incomplete(viewer, 2023) == {"awaiting_factor": 0, "no_factor": 1, "quarantined": 0}
    trace = await intake.operator.get(f"/v1/activities/{record['id']}/calculation")
    assert (trace.status, trace.problem.code) == (409, "record_without_factor")

    await catalogue.becomes(unchanged)  # no proposal: a combination without a factor is asked for again

    assert await catalogue.updates() == []
    assert await intake.total_of(site, 2023) == before


async def test_what_is_behind_a_factor_that_was_dropped_is_proposed_where_another_region_stands_in(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    site = await intake.site("CN-GD")
    await intake.pushed(intake.record(site))

    await catalogue.becomes(without_factor("cn-mee-electricity-2021", "CN-GD"))

    (change,) = (await catalogue.only_update())["changes"]
    assert (change["from_factor"]["region"], change["to_factor"]["region"]) == ("CN-GD", "CN")
    assert await intake.total_of(site) == 471_500_000


async def test_a_record_over_two_years_moves_only_in_the_year_whose_factor_changes(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    await catalogue.becomes(without(VINTAGE_2023))
    site = await intake.site("CN-GD")
    await intake.pushed(intake.record(site, period={"start": "2022-12-01", "end": "2023-02-01"}, quantity={"value": "6200", "unit": "kWh"}))
    before = await intake.of_site(site, 2022)
    await catalogue.becomes(unchanged)
    update = await catalogue.only_update()

    (cell,) = (await catalogue.impact(update))["items"]

    assert (cell["segment"], cell["records"]) == ({"start": "2023-01-01", "end": "2023-02-01"}, 0)
    await catalogue.accept(update)
    assert await intake.of_site(site, 2022) == before == {"electricity.grid 2022-12": 3100 * 440_300}
    assert await intake.of_site(site, 2023) == {"electricity.grid 2023-01": 3100 * 441_900}


async def test_records_from_before_there_were_updates_take_part(catalogue: Catalogue) -> None:
    """An earlier version did not write down which binding it was: there was one of each combination."""
    intake = catalogue.intake
    await catalogue.becomes(without(VINTAGE_2023))
    site = await intake.site("CN-GD")
    record = await intake.pushed(intake.record(site, period=month(2023)))
    await catalogue.read("inventory", "UPDATE activity SET binding_numbers = '[]' RETURNING 1")
    await catalogue.becomes(unchanged)
    update = await catalogue.only_update()
    trace = await intake.get(f"/v1/activities/{record['id']}/calculation")
    assert (trace["factor"]["dataset"], trace["emissions"]["co2e_kg"]) == (VINTAGE_2022, "440.300000")

    assert (await catalogue.impact(update))["total"]["co2e_kg_difference"] == "1.600000"
    await catalogue.accept(update)

    assert await intake.total_of(site, 2023) == 441_900_000


async def test_a_mapping_that_was_changed_since_is_not_taken_up_by_the_recount(catalogue: Catalogue) -> None:
    """A changed mapping is for later pushes; a factor update must not bring it in by the back door."""
    intake = catalogue.intake
    await catalogue.becomes(without(VINTAGE_2023))
    site, system = await intake.site("CN-GD"), intake.name("ehs")
    await intake.map_item(system, "M-1", site_external_id=site)
    record = intake.record(None, source_system=system, item_code="M-1", period=month(2023), quantity={"value": "1000", "unit": "kWh"})
    pushed = await intake.pushed(record)
    await intake.map_item(system, "M-1", site_external_id=await intake.site("CN-JS"))
    await catalogue.becomes(unchanged)

    await catalogue.accept(await catalogue.only_update())

    assert await intake.total_of(site, 2023) == 441_900_000
    assert (await intake.get(f"/v1/activities/{pushed['id']}"))["site_external_id"] == site


async def test_pushes_beside_an_acceptance_leave_one_factor_for_one_combination(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    await catalogue.becomes(without(VINTAGE_2023))
    site = await intake.site("CN-GD")
    await intake.pushed(intake.record(site, period=month(2023)))
    await catalogue.becomes(unchanged)
    update = await catalogue.only_update()

    await asyncio.gather(
        *(intake.push(intake.record(site, period=month(2023))) for _ in range(30)),
        catalogue.accept(update),
        *(intake.push(intake.record(site, period=month(2023))) for _ in range(30)),
    )

    await catalogue.until_jobs_are_done("recount_replaced_bindings")
    assert await intake.total_of(site, 2023) == 61 * 441_900_000
    cells = "SELECT count(*) FROM cell WHERE records <> 0 AND state = 'calculated'"
    assert await catalogue.read("inventory", cells) == 1


async def test_a_recount_that_died_is_finished_by_whoever_takes_it_up(catalogue: Catalogue) -> None:
    """Which records are left stands in their rows: the job begins anew, and none is counted twice."""
    intake = catalogue.intake
    await catalogue.becomes(without(VINTAGE_2023))
    site = await intake.site("CN-GD")
    await intake.batch([intake.record(site, period=month(2023)) for _ in range(20)])
    await catalogue.becomes(unchanged)
    await catalogue.accept(await catalogue.only_update())

    again = "UPDATE job SET state = 'queued', finished_at = NULL WHERE kind = 'recount_replaced_bindings' RETURNING 1"
    await catalogue.read("inventory", again)
    await catalogue.until_jobs_are_done("recount_replaced_bindings")

    assert await intake.total_of(site, 2023) == 20 * 441_900_000
    assert await catalogue.read("inventory", "SELECT sum(records) FROM cell WHERE records <> 0") == 20

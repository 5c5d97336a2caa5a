"""Deciding on factor updates: by whom, once, with a reason; and what becomes of updates that a newer catalogue overtakes."""

import asyncio
from uuid import uuid4

import pytest

from services.inventory import handlers
from services.inventory.usecases.propose_factor_updates import QUIET_SECONDS
from tests.api.inventory.catalogues import VINTAGE_2022, VINTAGE_2023, Catalogue, month, unchanged, with_value, without
from tests.api.inventory.intake import Json

MEE_2021 = "cn-mee-electricity-2021"


def new_factors(update: Json) -> list[str]:
    return [change["to_factor"]["id"] for change in update["changes"]]


async def test_what_was_declined_is_not_proposed_again_and_a_newer_factor_is(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    site = await intake.site("CN-GD")
    await intake.pushed(intake.record(site))
    await catalogue.becomes(with_value(MEE_2021, "CN-GD", "first-correction", "0.5"))

    declined = await catalogue.decline(await catalogue.only_update())

    assert (declined["state"], declined["reason"], declined["recount"]) == ("declined", "The old one stays for us.", None)
    await catalogue.becomes(with_value(MEE_2021, "CN-JS", "of-another-region", "0.6"))  # nothing of this is bound
    await catalogue.becomes(with_value(MEE_2021, "CN-GD", "first-correction", "0.5"))
    assert await catalogue.updates() == []
    await catalogue.becomes(with_value(MEE_2021, "CN-GD", "second-correction", "0.51"))
    assert new_factors(await catalogue.only_update()) == ["second-correction"]
    assert await intake.total_of(site) == 471_500_000


async def test_a_proposal_is_overtaken_by_a_newer_one_and_can_no_longer_be_decided(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    await intake.pushed(intake.record(await intake.site("CN-GD")))
    await catalogue.becomes(with_value(MEE_2021, "CN-GD", "first-correction", "0.5"))
    first = await catalogue.only_update()

    await catalogue.becomes(with_value(MEE_2021, "CN-GD", "second-correction", "0.51"))

    second = await catalogue.only_update()
    overtaken = await catalogue.only_update("overtaken")
    assert (overtaken["id"], overtaken["overtaken_by"], new_factors(second)) == (first["id"], second["id"], ["second-correction"])
    for path in ("acceptances", "refusals"):
        refusal = await intake.operator.post(f"/v1/factor-updates/{first['id']}/{path}", {"reason": "Too late."})
        assert (refusal.status, refusal.problem.code) == (409, "factor_update_decided")


async def test_a_proposal_is_overtaken_where_the_catalogue_goes_back(catalogue: Catalogue) -> None:
    await catalogue.intake.pushed(catalogue.intake.record(await catalogue.intake.site("CN-GD")))
    await catalogue.becomes(with_value(MEE_2021, "CN-GD", "correction", "0.5"))

    await catalogue.becomes(unchanged)

    assert (await catalogue.updates(), (await catalogue.only_update("overtaken"))["overtaken_by"]) == ([], None)


async def test_an_open_proposal_stays_the_same_whatever_else_is_published(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    await intake.batch([intake.record(await intake.site("CN-GD"), period=month(year)) for year in (2021, 2022)])
    await catalogue.becomes(with_value(MEE_2021, "CN-GD", "correction", "0.5"))
    before = await catalogue.only_update()

    def both(factors: list[dict]) -> list[dict]:
        return with_value(VINTAGE_2022, "CN-GD", "other", "0.6")(with_value(MEE_2021, "CN-GD", "correction", "0.5")(factors))

    await catalogue.becomes(both)

    open_now = await catalogue.updates()
    assert [update["from_dataset"] for update in open_now] == [MEE_2021, VINTAGE_2022]
    assert (open_now[0]["id"], open_now[0]["version"], await catalogue.updates("overtaken")) == (before["id"], before["version"], [])


async def test_a_further_correction_of_a_data_set_is_decided_together_with_those_that_are_open(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    await intake.batch([intake.record(await intake.site(region)) for region in ("CN-GD", "CN-JS")])
    await catalogue.becomes(with_value(MEE_2021, "CN-GD", "correction", "0.5"))
    first = await catalogue.only_update()

    def both(factors: list[dict]) -> list[dict]:
        return with_value(MEE_2021, "CN-JS", "other", "0.6")(with_value(MEE_2021, "CN-GD", "correction", "0.5")(factors))

    await catalogue.becomes(both)

    assert new_factors(await catalogue.only_update()) == ["correction", "other"]
    assert (await catalogue.only_update("overtaken"))["id"] == first["id"]


async def test_accepting_twice_answers_the_same_and_counts_once(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    site = await intake.site("CN-GD")
    await intake.pushed(intake.record(site))
    await catalogue.becomes(with_value(MEE_2021, "CN-GD", "correction", "0.5"))
    path = f"/v1/factor-updates/{(await catalogue.only_update())['id']}/acceptances"

    answers = await asyncio.gather(*(intake.operator.post(path, {"reason": "It holds."}) for _ in range(4)))

    assert sorted(answer.status for answer in answers) == [200, 200, 200, 201]
    assert {answer.body["decided_at"] for answer in answers} == {answers[0].body["decided_at"]}
    await catalogue.until_jobs_are_done("recount_replaced_bindings")
    assert await catalogue.read("inventory", "SELECT count(*) FROM job WHERE kind = 'recount_replaced_bindings'") == 1
    assert await catalogue.read("inventory", "SELECT max(number) FROM factor_binding") == 2
    assert await intake.total_of(site) == 500_000_000
    refusal = await intake.operator.post(path.replace("acceptances", "refusals"), {"reason": "After all not."})
    assert (refusal.status, refusal.problem.code) == (409, "factor_update_decided")


async def test_a_recount_that_failed_is_begun_again_by_accepting_again(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    site = await intake.site("CN-GD")
    await intake.pushed(intake.record(site))
    await catalogue.becomes(with_value(MEE_2021, "CN-GD", "correction", "0.5"))
    update = await catalogue.accept(await catalogue.only_update())
    await catalogue.read(
        "inventory", "UPDATE job SET state = 'failed', error = 'disk full' WHERE kind = 'recount_replaced_bindings' RETURNING 1"
    )
    assert (await catalogue.only_update("accepted"))["recount"] == {"state": "failed", "recounted": 1, "error": "disk full"}

    again = await intake.operator.post(f"/v1/factor-updates/{update['id']}/acceptances", {"reason": "Once more."})

    assert (again.status, again.body["recount"]["state"], again.body["reason"]) == (200, "queued", update["reason"])
    await catalogue.until_jobs_are_done("recount_replaced_bindings")
    assert (await catalogue.only_update("accepted"))["recount"] == {"state": "done", "recounted": 0, "error": None}


async def test_a_decision_is_audited_with_its_reason_and_what_it_replaces(catalogue: Catalogue) -> None:
    await catalogue.intake.pushed(catalogue.intake.record(await catalogue.intake.site("CN-GD")))
    await catalogue.becomes(with_value(MEE_2021, "CN-GD", "correction", "0.5"))

    update = await catalogue.accept(await catalogue.only_update())

    line = f"FROM audit WHERE subject = 'factor update {update['id']}'"
    assert await catalogue.read("inventory", f"SELECT concat_ws('|', principal, action, outcome, reason) {line}") == (
        "operator|accept_factor_update|done|The new edition holds."
    )
    replaced = "concat_ws('|', after #>> '{bindings,0,combination}', after #>> '{bindings,0,to_factor}', after ->> 'state')"
    assert await catalogue.read("inventory", f"SELECT {replaced} {line}") == (
        '["electricity.grid", "CN-GD", 2021, "kWh", "location_based"]|correction|accepted'
    )


async def test_who_pushes_or_sees_a_part_does_not_decide_and_sees_the_impact_of_that_part(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    mine, other = await intake.entity(), await intake.entity()
    sites = [await intake.site("CN-GD", entity=entity["external_id"]) for entity in (mine, other)]
    await intake.batch([intake.record(site) for site in sites])
    await catalogue.becomes(with_value(MEE_2021, "CN-GD", "correction", "0.5"))
    update = await catalogue.only_update()
    path = f"/v1/factor-updates/{update['id']}"
    pusher = await intake.make_client(kind="ehs", source_systems=["ehs"])
    reader = await intake.make_client(kind="app", entity_ids=[mine["id"]])
    narrowed = await intake.make_client(kind="operator", entity_ids=[mine["id"]])
    by_source = await intake.make_client(kind="operator", source_systems=["ehs"])

    refusals = [(await client.post(f"{path}/acceptances", {"reason": "Let us."})) for client in (pusher, reader, narrowed, by_source)]

    assert [refusal.problem.code for refusal in refusals] == ["missing_scope", "missing_scope", "forbidden", "forbidden"]
    assert [change["region"] for change in (await reader.get(path)).body["changes"]] == ["CN-GD"]
    impact = (await reader.get(f"{path}/impact")).body
    assert [item["site"] for item in impact["items"]] == [sites[0]]
    assert impact["total"]["co2e_kg_difference"] == "28.500000"
    assert (await by_source.get(f"{path}/impact")).problem.code == "forbidden"


async def test_updates_are_listed_in_pages_by_state_and_unknown_ones_are_refused(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    await intake.batch([intake.record(await intake.site("CN-GD"), period=month(year)) for year in (2021, 2022, 2023)])

    def three(factors: list[dict]) -> list[dict]:
        for dataset in (MEE_2021, VINTAGE_2022, VINTAGE_2023):
            factors = with_value(dataset, "CN-GD", f"correction-{dataset}", "0.5")(factors)
        return factors

    await catalogue.becomes(three)
    await catalogue.decline((await catalogue.updates())[0])

    first = await intake.get("/v1/factor-updates", state=["proposed", "declined"], limit=2)
    rest = await intake.get("/v1/factor-updates", state=["proposed", "declined"], limit=2, cursor=first["next"])

    assert [update["state"] for update in (*first["items"], *rest["items"])] == ["declined", "proposed", "proposed"]
    assert (len(await catalogue.updates("proposed")), rest["next"]) == (2, None)
    assert (await intake.operator.get("/v1/factor-updates", state="open")).problem.pointers == ["/state/0"]
    for path in ("", "/impact"):
        assert (await intake.operator.get(f"/v1/factor-updates/{uuid4()}{path}")).status == 404
    assert (await intake.operator.post(f"/v1/factor-updates/{uuid4()}/acceptances", {"reason": "x"})).status == 404
    assert (await intake.operator.post(f"/v1/factor-updates/{first['items'][1]['id']}/acceptances", {})).problem.pointers == ["/reason"]


async def test_a_pack_where_nothing_is_bound_starts_no_run(catalogue: Catalogue) -> None:
    await catalogue.becomes(without(VINTAGE_2023))

    assert await catalogue.read("inventory", "SELECT count(*) FROM job WHERE kind = 'propose_factor_updates'") == 0


async def test_a_pack_is_one_run(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "QUIET_SECONDS", QUIET_SECONDS)
    await catalogue.intake.pushed(catalogue.intake.record(await catalogue.intake.site("CN-GD"), period=month(2023)))

    def all_anew(factors: list[dict]) -> list[dict]:
        return [factor | {"id": f"anew-{factor['id']}"} for factor in factors]

    await catalogue.becomes(all_anew)

    assert await catalogue.read("inventory", "SELECT count(*) FROM job WHERE kind = 'propose_factor_updates'") == 1

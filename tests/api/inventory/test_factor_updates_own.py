"""What the organisation itself changes of the catalogue is a proposal too: own factors, and the data sets that it prefers."""

from typing import Any

from tests.api.inventory.catalogues import Catalogue, month
from tests.api.inventory.intake import Json
from tests.conftest import Answer, Client

STEAM = {"activity_type": "steam.purchased", "quantity": {"value": "1000", "unit": "GJ"}}
DIESEL = {"activity_type": "fuel.diesel", "quantity": {"value": "10", "unit": "t"}}


async def own_factor(catalogue: Catalogue, proposer: Client, kg_per_unit: str, **content: Any) -> str:
    """The id of an own factor for steam in Guangdong, proposed by one and approved by another."""
    body = {"activity_type": "steam.purchased", "region": "CN-GD", "year": 2024, "unit": "GJ", "source": {"document": "A contract"}}
    proposed = await proposer.post("/v1/factors", body | {"gases": [{"gas": "CO2", "kg_per_unit": kg_per_unit}]} | content)
    assert proposed.status == 201, proposed.content
    decided(await catalogue.intake.operator.post(f"/v1/factors/{proposed.body['id']}/approvals", {"reason": "Checked."}))
    await catalogue.has_concluded()
    return proposed.body["id"]


def decided(answer: Answer) -> Json:
    assert answer.status in (200, 201), answer.content
    return answer.body


async def test_an_approved_own_factor_its_successor_and_its_withdrawal_are_proposals(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    proposer = await intake.make_client(kind="app", scopes=["factors:read", "factors:propose"])
    site = await intake.site("CN-GD")
    await intake.pushed(intake.record(site, period=month(2024), **STEAM))
    published = await intake.total_of(site, 2024)

    first = await own_factor(catalogue, proposer, "96.5")
    update = await catalogue.only_update()
    assert (update["kind"], update["to_dataset"], update["to_factor"]) == ("own_factor", "own", first)
    assert await intake.total_of(site, 2024) == published
    await catalogue.accept(update)
    assert await intake.total_of(site, 2024) == 96_500_000_000

    second = await own_factor(catalogue, proposer, "97", supersedes=first)
    update = await catalogue.only_update()
    assert (update["changes"][0]["from_factor"]["id"], update["to_factor"]) == (first, second)
    await catalogue.accept(update)
    assert await intake.total_of(site, 2024) == 97_000_000_000

    decided(await intake.operator.post(f"/v1/factors/{second}/withdrawals", {"reason": "The contract ended."}))
    await catalogue.has_concluded()
    update = await catalogue.only_update()
    assert (update["from_dataset"], update["to_dataset"]) == ("own", "cn-heat-default")
    assert await intake.total_of(site, 2024) == 97_000_000_000
    await catalogue.accept(update)
    assert await intake.total_of(site, 2024) == published


async def test_own_factors_in_the_place_of_one_data_set_are_decided_one_by_one(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    proposer = await intake.make_client(kind="app", scopes=["factors:read", "factors:propose"])
    for region in ("CN-GD", "CN-JS"):
        await intake.pushed(intake.record(await intake.site(region), period=month(2024), **STEAM))
    await own_factor(catalogue, proposer, "96.5")
    (first,) = await catalogue.updates()

    await own_factor(catalogue, proposer, "95", region="CN-JS")

    kept, second = await catalogue.updates()
    assert (kept["id"], kept["bindings"], second["bindings"]) == (first["id"], 1, 1)


async def test_a_data_set_that_is_preferred_from_now_on_is_a_proposal(catalogue: Catalogue) -> None:
    intake = catalogue.intake
    site = await intake.site("CN-GD")
    await intake.pushed(intake.record(site, period=month(2024), **DIESEL))
    before = await intake.total_of(site, 2024)

    preference = {"preferences": [{"activity_types": "fuel.*"}], "reason": "Group guideline 7."}
    decided(await intake.operator.put("/v1/datasets/ipcc-2006-stationary/preferences", preference))
    await catalogue.has_concluded()

    update = await catalogue.only_update()
    assert (update["from_dataset"], update["to_dataset"]) == ("cn-mee-fuels", "ipcc-2006-stationary")
    assert await intake.total_of(site, 2024) == before
    impact = await catalogue.impact(update)
    await catalogue.accept(update)
    moved = int(impact["total"]["co2e_kg_difference"].replace(".", ""))
    assert await intake.total_of(site, 2024) == before + moved

"""Factors of the organisation's own over HTTP: proposed by one, approved by another, superseded and withdrawn; values never change."""

from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from baseyear.one_process import Installation
from tests.conftest import Client

STEAM = {
    "activity_type": "steam.purchased",
    "region": "CN-JS",
    "year": 2024,
    "unit": "GJ",
    "gases": [{"gas": "CO2", "kg_per_unit": "96.5"}, {"gas": "N2O", "kg_per_unit": "0.0006"}],
    "source": {"document": "Heat supply contract 2024-17", "row": "annex 3", "evidence": [{"name": "contract.pdf", "sha256": "a" * 64}]},
    "uncertainty_percent": "5",
    "quality_scores": {"reliability": 2, "completeness": 1, "temporal": 1, "geographical": 1, "technological": 2},
    "comment": "Measured by the supplier in 2024.",
}
STEAM_IN_SUZHOU = {"activity_type": "steam.purchased", "region": "CN-JS", "date": "2024-05-01", "unit": "GJ"}


@pytest_asyncio.fixture
async def proposer(client_with: Any) -> Client:
    return await client_with("app", scopes=["factors:read", "factors:propose", "factors:approve"])


async def proposed(client: Client, **changes: Any) -> str:
    answer = await client.post("/v1/factors", {**STEAM, **changes})
    assert answer.status == 201, answer.content
    return str(answer.body["id"])


async def approved(proposer: Client, approver: Client, **changes: Any) -> str:
    factor_id = await proposed(proposer, **changes)
    answer = await approver.post(f"/v1/factors/{factor_id}/approvals", {"reason": "Checked against the contract."})
    assert answer.status == 200, answer.content
    return factor_id


async def resolution(client: Client, **changes: str) -> dict[str, Any]:
    answer = await client.post("/v1/factor-resolutions", {"items": [{**STEAM_IN_SUZHOU, **changes}]})
    return dict(answer.body["items"][0])


async def test_a_proposed_factor_is_kept_whole_and_serves_nothing_yet(operator: Client, proposer: Client) -> None:
    factor_id = await proposed(proposer)

    kept = (await operator.get(f"/v1/factors/{factor_id}")).body
    assert (kept["state"], kept["dataset"], kept["region"], kept["data_year"]) == ("proposed", "own", "CN-JS", 2024)
    assert [(gas["gas"], gas["kg_per_unit"]) for gas in kept["gases"]] == [("CO2", "96.5"), ("N2O", "0.0006")]
    assert (kept["uncertainty_percent"], kept["source_row"]) == ("5", "Heat supply contract 2024-17: annex 3")
    assert kept["proposal"]["quality_scores"] == STEAM["quality_scores"]
    assert kept["proposal"]["proposed_by"] == proposer.client_id
    assert kept["proposal"]["evidence"][0]["sha256"] == "a" * 64
    assert (await resolution(operator))["factor"]["dataset"] == "cn-heat-default"
    assert (await operator.get("/v1/factors?dataset=own")).body["items"] == []
    assert [one["id"] for one in (await operator.get("/v1/factors?dataset=own&state=proposed")).body["items"]] == [factor_id]


async def test_nothing_is_estimated_with_what_nobody_has_approved(operator: Client, proposer: Client) -> None:
    factor_id = await proposed(proposer)
    item = {"factor_id": factor_id, "quantity": {"value": "1", "unit": "GJ"}}

    before = (await operator.post("/v1/estimates", {"items": [item]})).body["items"][0]
    await operator.post(f"/v1/factors/{factor_id}/approvals", {})
    after = (await operator.post("/v1/estimates", {"items": [item]})).body["items"][0]

    assert [(error["pointer"], error["code"]) for error in before["problem"]["errors"]] == [("/factor_id", "not_approved")]
    assert after["factor"]["id"] == factor_id


async def test_its_proposer_may_not_approve_it(proposer: Client) -> None:
    factor_id = await proposed(proposer)

    refusal = await proposer.post(f"/v1/factors/{factor_id}/approvals", {})

    assert (refusal.status, refusal.problem.code) == (403, "separation_of_duties")


async def test_once_approved_it_goes_before_publishers_factors_and_calculates(operator: Client, proposer: Client) -> None:
    factor_id = await approved(proposer, operator)

    resolved = await resolution(operator)
    assert resolved["factor"]["id"] == factor_id
    assert "a factor of the organisation's own" in resolved["candidates"][0]["reasons"]
    estimate = {**STEAM_IN_SUZHOU, "quantity": {"value": "1000", "unit": "GJ"}}
    del estimate["unit"]
    answer = (await operator.post("/v1/estimates", {"items": [estimate]})).body["items"][0]
    # 1,000 GJ × 96.5 kg = 96,500 kg CO2; 1,000 × 0.0006 = 0.6 kg N2O × 273 = 163.8 kg CO2e
    assert answer["emissions"]["co2e_kg"] == "96663.800000"


async def test_it_serves_its_region_and_its_years_only(operator: Client, proposer: Client) -> None:
    factor_id = await approved(proposer, operator)

    assert (await resolution(operator, date="2023-12-31"))["factor"]["id"] != factor_id
    assert (await resolution(operator, date="2029-12-31"))["factor"]["id"] == factor_id
    assert (await resolution(operator, date="2030-01-01"))["factor"]["id"] != factor_id
    assert (await resolution(operator, region="CN-GD"))["factor"]["id"] != factor_id


async def test_the_same_proposal_again_changes_nothing(operator: Client, proposer: Client) -> None:
    factor_id = await proposed(proposer)

    again = await proposer.post("/v1/factors", STEAM)

    assert (again.status, again.body["id"], again.body["version"]) == (200, factor_id, 1)


async def test_a_correction_is_a_new_factor_that_supersedes_the_old_one(operator: Client, proposer: Client) -> None:
    old = await approved(proposer, operator)
    before = (await operator.get(f"/v1/factors/{old}")).body

    new = await approved(proposer, operator, gases=[{"gas": "CO2", "kg_per_unit": "97"}], supersedes=old)

    after = (await operator.get(f"/v1/factors/{old}")).body
    assert (after["state"], after["superseded_by"], after["gases"]) == ("superseded", new, before["gases"])
    assert (await operator.get(f"/v1/factors/{new}")).body["supersedes"] == [old]
    assert (await resolution(operator))["factor"]["id"] == new


async def test_a_second_factor_about_the_same_must_supersede_the_first(operator: Client, proposer: Client) -> None:
    old = await approved(proposer, operator)
    rival = await proposed(proposer, gases=[{"gas": "CO2", "kg_per_unit": "97"}])

    refusal = await operator.post(f"/v1/factors/{rival}/approvals", {})

    assert (refusal.status, refusal.problem.code) == (409, "conflict")
    assert old in refusal.problem.detail


async def test_a_refused_rival_is_proposed_again_with_what_it_supersedes_and_then_approved(operator: Client, proposer: Client) -> None:
    old = await approved(proposer, operator)
    rival = {**STEAM, "gases": [{"gas": "CO2", "kg_per_unit": "97"}]}
    first = await proposer.post("/v1/factors", rival)
    assert (await operator.post(f"/v1/factors/{first.body['id']}/approvals", {})).status == 409

    again = await proposer.post("/v1/factors", {**rival, "supersedes": old})

    assert (again.status, again.body["id"], again.body["version"]) == (200, first.body["id"], 2)
    assert again.body["proposal"]["supersedes"] == old
    assert (await operator.post(f"/v1/factors/{first.body['id']}/approvals", {})).body["state"] == "published"
    assert (await operator.get(f"/v1/factors/{old}")).body["superseded_by"] == first.body["id"]


async def test_a_rejected_proposal_is_proposed_again_on_other_grounds_by_whoever_then_may_not_approve(
    operator: Client, proposer: Client
) -> None:
    factor_id = await proposed(proposer)
    await operator.post(f"/v1/factors/{factor_id}/rejections", {"reason": "No evidence."})

    again = (await operator.post("/v1/factors", {**STEAM, "comment": "The invoice of May shows it."})).body

    assert (again["state"], again["version"]) == ("proposed", 3)
    assert (again["proposal"]["proposed_by"], again["proposal"]["decided_by"]) == (operator.client_id, None)
    assert (await operator.post(f"/v1/factors/{factor_id}/approvals", {})).problem.code == "separation_of_duties"


async def test_a_published_content_is_not_proposed_on_other_grounds(operator: Client, proposer: Client) -> None:
    factor_id = await approved(proposer, operator)

    refusal = await proposer.post("/v1/factors", {**STEAM, "supersedes": factor_id})

    assert (refusal.status, refusal.problem.code) == (409, "conflict")
    assert "`notes`" in refusal.problem.detail
    assert (await proposer.post("/v1/factors", STEAM)).body["state"] == "published"


async def test_what_is_not_in_place_cannot_be_superseded(operator: Client, proposer: Client) -> None:
    old = await approved(proposer, operator)
    new = await approved(proposer, operator, gases=[{"gas": "CO2", "kg_per_unit": "97"}], supersedes=old)

    refusal = await proposer.post("/v1/factors", {**STEAM, "gases": [{"gas": "CO2", "kg_per_unit": "98"}], "supersedes": old})

    assert (refusal.status, refusal.problem.errors[0]["code"]) == (422, "not_published")
    assert new in refusal.problem.errors[0]["hint"]


async def test_the_audit_lines_say_who_let_one_factor_take_the_place_of_another(
    operator: Client, proposer: Client, installation: Installation
) -> None:
    old = await approved(proposer, operator)
    new = await approved(proposer, operator, gases=[{"gas": "CO2", "kg_per_unit": "97"}], supersedes=old)

    async with installation.services["factors"].ground.database.unit_of_work() as session:
        lines = await session.execute(text("SELECT principal, subject, after FROM audit WHERE action = 'approve_factor' ORDER BY id"))
        told = [(line.principal, line.subject, line.after) for line in lines]

    assert told[1:] == [
        (operator.client_id, f"factor {old}", {"state": "superseded", "superseded_by": new}),
        (operator.client_id, f"factor {new}", {"state": "published"}),
    ]


async def test_a_rejected_proposal_stays_rejected_and_tells_nobody(operator: Client, proposer: Client) -> None:
    factor_id = await proposed(proposer)

    rejected = await operator.post(f"/v1/factors/{factor_id}/rejections", {"reason": "The contract says 95.6."})

    assert (rejected.body["state"], rejected.body["proposal"]["reason"]) == ("rejected", "The contract says 95.6.")
    assert (await operator.post(f"/v1/factors/{factor_id}/approvals", {})).status == 409
    assert (await proposer.post("/v1/factors", STEAM)).body["state"] == "rejected"


async def test_a_withdrawn_factor_makes_room_for_the_publishers_again(operator: Client, proposer: Client) -> None:
    factor_id = await approved(proposer, operator)

    withdrawn = await operator.post(f"/v1/factors/{factor_id}/withdrawals", {"reason": "The supplier took the figure back."})

    assert (withdrawn.status, withdrawn.body["state"]) == (200, "withdrawn")
    assert (await resolution(operator))["factor"]["dataset"] == "cn-heat-default"


async def test_publication_supersession_and_withdrawal_are_told_and_proposals_are_not(
    operator: Client, proposer: Client, told_of_factors: Any
) -> None:
    old = await approved(proposer, operator)
    new = await approved(proposer, operator, gases=[{"gas": "CO2", "kg_per_unit": "97"}], supersedes=old)
    await operator.post(f"/v1/factors/{new}/withdrawals", {"reason": "Wrong year."})

    told = [(event["id"], event["state"]) for event in await told_of_factors() if event["dataset"] == "own"]

    assert sorted(told) == sorted([(old, "published"), (old, "superseded"), (new, "published"), (new, "withdrawn")])


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"activity_type": "steam.dragon"}, "/activity_type", "unknown_activity_type"),
        ({"unit": "kg"}, "/unit", "dimension_mismatch"),
        ({"unit": "gigajoules"}, "/unit", "unknown_unit"),
        ({"gases": [{"gas": "CH4", "kg_per_unit": "1"}]}, "/gases/0/gas", "unknown_gas"),
        ({"gases": [{"gas": "CO2", "kg_per_unit": "1"}] * 2}, "/gases", "invalid_factor"),
        ({"gases": [{"gas": "CO2", "kg_per_unit": 96.5}]}, "/gases/0/kg_per_unit", "not_a_string"),
        ({"supersedes": "nothing"}, "/supersedes", "unknown_factor"),
        ({"quality_scores": {**STEAM["quality_scores"], "temporal": 6}}, "/quality_scores/temporal", None),
        ({"co2e": "97"}, "", None),
    ],
)
async def test_what_is_wrong_with_a_proposal_is_said_at_its_field(proposer: Client, changes: Any, pointer: str, code: str | None) -> None:
    refusal = await proposer.post("/v1/factors", {**STEAM, **changes})

    assert refusal.status == 422
    assert refusal.problem.pointers == [pointer]
    assert code is None or refusal.problem.errors[0]["code"] == code


async def test_a_publishers_factor_is_neither_superseded_nor_withdrawn_by_hand(operator: Client, proposer: Client) -> None:
    published = (await resolution(operator))["factor"]["id"]

    assert (await operator.post(f"/v1/factors/{published}/withdrawals", {"reason": "No."})).status == 404
    refusal = await proposer.post("/v1/factors", {**STEAM, "supersedes": published})
    assert refusal.problem.errors[0]["code"] == "not_own"


async def test_proposing_and_approving_need_their_scopes(client_with: Any, proposer: Client) -> None:
    reader = await client_with("app", scopes=["factors:read"])
    factor_id = await proposed(proposer)

    assert (await reader.post("/v1/factors", STEAM)).problem.code == "missing_scope"
    assert (await reader.post(f"/v1/factors/{factor_id}/approvals", {})).problem.code == "missing_scope"

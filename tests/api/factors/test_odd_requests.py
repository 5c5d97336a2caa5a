"""Requests that no reasonable client sends are refused, not failed."""

import json

import pytest

from tests.conftest import Client


@pytest.mark.parametrize(
    "path",
    [
        "/v1/factors?q=%00",
        "/v1/factors?activity_type=%00",
        "/v1/factors?cursor=abc",
        "/v1/factors?year=99999999999999999999",
        "/v1/factors/%00",
        "/v1/datasets/%00",
        "/v1/datasets?limit=1001",
    ],
)
async def test_an_odd_address_is_refused(reader: Client, path: str) -> None:
    answer = await reader.get(path)

    assert 400 <= answer.status < 500
    assert answer.problem.code


@pytest.mark.parametrize(
    "item",
    [
        {"activity_type": "\x00", "region": "CN", "date": "2021-01-01", "quantity": {"value": "1", "unit": "kg"}},
        {"activity_type": "fuel.diesel", "region": "CN", "date": "2021-01-01", "quantity": {"value": "1", "unit": "\ud800"}},
        {"activity_type": "\ud800", "region": "CN", "date": "2021-01-01", "quantity": {"value": "1", "unit": "kg"}},
        {"factor_id": "\ud800", "quantity": {"value": "1", "unit": "kg"}},
    ],
)
async def test_odd_text_in_an_item_is_its_problem(reader: Client, item: dict) -> None:
    escaped = json.dumps({"items": [item]}).encode()
    answer = await reader.request("POST", "/v1/estimates", {"Content-Type": "application/json"}, content=escaped)

    assert answer.status in (207, 422)
    if answer.status == 207:
        assert answer.body["items"][0]["status"] == 422


@pytest.mark.parametrize("path", ["/v1/estimates", "/v1/factor-resolutions", "/v1/unit-conversions"])
@pytest.mark.parametrize("body", [None, [], {}, {"items": []}, {"items": [None]}, {"items": [{}] * 10_001}, {"items": {}}])
async def test_a_body_that_is_no_batch_is_refused(reader: Client, path: str, body: object) -> None:
    assert (await reader.post(path, body)).status in (400, 422)

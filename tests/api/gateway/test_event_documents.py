"""What events look like, for whoever reads them: open to everyone, under the addresses that events name."""

import pytest

from baseyear import VERSION
from contracts.asyncapi import asyncapi
from contracts.schemas import event_schema
from contracts.topics import TOPICS


async def test_the_asyncapi_document_is_served(http):
    answer = await http.get("/asyncapi.json")

    assert answer.status_code == 200
    assert answer.json() == asyncapi(TOPICS, VERSION)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
async def test_an_event_s_schema_is_served_where_its_header_says(http, topic):
    answer = await http.get(f"/schemas/{topic.name}.json")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.json() == event_schema(topic)
    assert answer.json()["$id"] == answer.request.url.path


@pytest.mark.parametrize("path", ["/schemas", "/schemas/baseyear.no-such-topic.v1.json", "/schemas/%00.json", "/asyncapi.json/more"])
async def test_another_address_is_a_problem(operator, path):
    answer = await operator.get(path)

    assert (answer.status, answer.problem.code) == (404, "not_found")

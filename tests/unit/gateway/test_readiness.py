"""Anyone may ask whether the installation is ready; the services are asked once for all of them."""

import asyncio
from typing import Any

import pytest

from gateway.reference import documents
from gateway.reference.documents import Documents


class Service:
    """Counts how often it is asked, and takes its time."""

    def __init__(self) -> None:
        self.asked, self.status = 0, 200

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        await asyncio.sleep(0.01)
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def test_all_who_ask_at_a_time_cost_a_service_one_question():
    service = Service()
    asked = Documents({"one": service}, "1")

    answers = await asyncio.gather(*(asked.all_ready() for _ in range(50)))

    assert (set(answers), service.asked) == ({True}, 1)


async def test_whoever_goes_away_takes_the_answer_from_nobody_else():
    service = Service()
    asked = Documents({"one": service}, "1")
    leaving, staying = asyncio.create_task(asked.all_ready()), asyncio.create_task(asked.all_ready())
    await asyncio.sleep(0)

    leaving.cancel()

    assert await staying
    assert service.asked == 1


@pytest.mark.parametrize(("seconds", "held"), [(60.0, True), (0.0, False)])
async def test_an_answer_holds_for_a_short_time(monkeypatch, seconds, held):
    monkeypatch.setattr(documents, "READY_SECONDS", seconds)
    service = Service()
    asked = Documents({"one": service}, "1")
    assert await asked.all_ready()

    service.status = 503

    assert await asked.all_ready() is held

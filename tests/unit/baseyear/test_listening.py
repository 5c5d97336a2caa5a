"""Whose word about a client's address is taken at the port."""

import gc
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from baseyear.listening import address_of, answering, listener
from kernel.settings import Settings, SettingsRefused, load_settings

CLAIMED = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}


async def who_asks(scope: Any, receive: Any, send: Any) -> None:
    body = f"{scope['scheme']} {scope['client'][0]}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """A port that opens tunes the garbage collector of its process; this one is the tests'."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


async def seen_at_the_port(settings: Settings) -> str:
    with listener("127.0.0.1", 0) as bound:
        async with answering(who_asks, bound, settings), httpx.AsyncClient(base_url=address_of(settings, bound)) as http:
            return (await http.get("/", headers=CLAIMED)).text


@pytest.mark.parametrize(
    ("trusted", "seen"),
    [
        ("", "http 127.0.0.1"),
        ("10.0.0.0/8", "http 127.0.0.1"),
        ("10.0.0.0/8, 127.0.0.0/8", "https 203.0.113.7"),
        ("127.0.0.1", "https 203.0.113.7"),
    ],
)
async def test_a_clients_address_is_taken_from_a_proxy_that_is_trusted_and_from_nobody_else(monkeypatch, trusted, seen):
    monkeypatch.setenv("BASEYEAR_TRUSTED_PROXIES", trusted)

    assert await seen_at_the_port(load_settings()) == seen


def test_a_network_of_proxies_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv("BASEYEAR_TRUSTED_PROXIES", "*")

    with pytest.raises(SettingsRefused, match="BASEYEAR_TRUSTED_PROXIES: value is not a valid IPv4 or IPv6 network"):
        load_settings()

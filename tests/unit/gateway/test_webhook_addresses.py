"""Where webhooks may go: the public internet, and what the operator allows beside it."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Any
from unittest.mock import Mock

import pytest

from gateway.webhooks import addresses
from gateway.webhooks.addresses import AddressRefused, checked_url, is_public, resolve
from kernel.problems import UNAVAILABLE, Problem
from kernel.settings import SettingsRefused, load_settings

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",  # carrier-grade NAT
        "100.100.100.200",  # Alibaba Cloud's metadata
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",  # Azure's own services
        "169.254.169.254",  # metadata of most clouds
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",  # Oracle Cloud's metadata
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",  # Amazon's metadata
        "fe80::1",
        "fe80::1%1",
        "2600::1%1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_inside_is_refused(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "172.32.0.1", "100.128.0.1", "2600::1", "2a00:1450:4001:80b::200e"])
def test_an_address_of_the_public_internet_is_let_through(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://hooks.example.com/", "malformed"),
        ("hooks.example.com", "malformed"),
        ("https://", "malformed"),
        ("https:///hooks", "malformed"),
        ("https://user:secret@hooks.example.com/", "malformed"),
        ("https://hooks.example.com/#part", "malformed"),
        ("https://hooks.example.com:port/", "malformed"),
        ("https://hooks.example.com/" + "a" * 2_000, "malformed"),
        ("https://hooks.example.com:22/", "port_refused"),
        ("https://hooks.example.com:80/", "port_refused"),
        ("https://hooks.example.com:0/", "port_refused"),
        ("https://hooks.example.com:65536/", "port_refused"),
    ],
)
def test_a_url_that_is_wrong_in_itself_is_refused(url: str, code: str) -> None:
    with pytest.raises(AddressRefused) as refusal:
        checked_url(url)

    assert refusal.value.code == code


@pytest.mark.parametrize("url", ["https://hooks.example.com", "https://hooks.example.com:8443/a?b=c", "https://bücher.example/"])
def test_a_url_that_is_right_is_taken(url: str) -> None:
    assert checked_url(url).scheme == "https"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/", "private_address"),
        ("https://2130706433/", "private_address"),  # the same address, written as a number
        ("https://0x7f.1/", "private_address"),
        ("https://[::1]/", "private_address"),
        ("https://[::ffff:127.0.0.1]/", "private_address"),
        ("https://localhost/", "private_address"),
        ("https://169.254.169.254/latest/meta-data/", "private_address"),
        ("http://1.1.1.1/", "https_needed"),
        ("https://nowhere.invalid/", "unknown_host"),
        ("https://a..b/", "unknown_host"),
    ],
)
async def test_nothing_is_sent_to_a_host_that_resolves_to_an_address_inside(url: str, code: str) -> None:
    with pytest.raises(AddressRefused) as refusal:
        await resolve(checked_url(url), ())

    assert refusal.value.code == code


async def test_a_name_with_one_address_inside_is_refused_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def two_addresses(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("1.1.1.1", "10.0.0.1")]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", two_addresses)

    with pytest.raises(AddressRefused, match="not of the public internet"):
        await resolve(checked_url("https://hooks.example.com/"), ())


@pytest.fixture
def name_servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Of names under .dead nobody hears anything before the event; all others are found at once."""
    revived = threading.Event()

    def answer(host: str, port: int, *, flags: int = 0, **_: Any) -> list[Any]:
        if flags & socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, "not an address")
        if host.endswith(".dead"):
            revived.wait(30)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", port))]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", answer)
    monkeypatch.setattr(addresses, "RESOLUTION_SECONDS", 0.1)
    yield revived
    revived.set()


async def ask(host: str, client_id: str | None = None) -> str:
    """How a question for a host ends."""
    try:
        await resolve(checked_url(f"https://{host}/"), (), client_id)
    except AddressRefused as refusal:
        return refusal.code
    except Problem as problem:
        assert problem.type == UNAVAILABLE
        return "busy"
    return "found"


async def test_a_name_server_that_does_not_answer_is_told_apart_from_a_name_that_is_not_there(
    name_servers: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await ask("hooks.dead") == "name_server_silent"

    for number, code in ((socket.EAI_AGAIN, "name_server_silent"), (socket.EAI_NONAME, "unknown_host")):
        monkeypatch.setattr(addresses.socket, "getaddrinfo", Mock(side_effect=socket.gaierror(number, "as told")))
        assert await ask("hooks.example.com") == code


async def test_dead_name_servers_that_one_client_names_hold_up_neither_others_nor_deliveries(name_servers: threading.Event) -> None:
    of_one = await asyncio.gather(*(ask(f"{number}.dead", "one") for number in range(6)))
    while_they_hang = [await ask("hooks.example.com", client) for client in ("one", "another", None)]
    name_servers.set()
    await asyncio.sleep(0.1)

    assert sorted(of_one) == ["busy"] * 2 + ["name_server_silent"] * 4
    assert while_they_hang == ["busy", "found", "found"]
    assert await ask("hooks.example.com", "one") == "found"


async def test_dead_name_servers_that_many_clients_name_do_not_hold_up_deliveries(name_servers: threading.Event) -> None:
    await asyncio.gather(*(ask(f"{number}.dead", f"client {number}") for number in range(40)))

    assert [await ask("hooks.example.com", "another"), await ask("hooks.example.com")] == ["busy", "found"]


async def test_an_operator_allows_networks_inside_and_plain_http_only_on_the_machine_itself() -> None:
    networks = (*LOOPBACK, ip_network("10.0.0.0/8"))

    assert await resolve(checked_url("http://127.0.0.1:9000/"), networks) == [ip_address("127.0.0.1")]
    assert await resolve(checked_url("https://10.1.2.3/"), networks) == [ip_address("10.1.2.3")]
    for url, code in (("http://10.1.2.3/", "https_needed"), ("https://192.168.0.1/", "private_address")):
        with pytest.raises(AddressRefused) as refusal:
            await resolve(checked_url(url), networks)
        assert refusal.value.code == code


def test_an_operator_names_networks_in_a_list_and_none_are_allowed_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().webhook_private_networks == ()

    monkeypatch.setenv("BASEYEAR_WEBHOOK_PRIVATE_NETWORKS", "10.20.0.0/16, fd12::/64")
    assert load_settings().webhook_private_networks == (ip_network("10.20.0.0/16"), ip_network("fd12::/64"))

    monkeypatch.setenv("BASEYEAR_WEBHOOK_PRIVATE_NETWORKS", "10.20.0.0/16, everywhere")
    with pytest.raises(SettingsRefused, match="BASEYEAR_WEBHOOK_PRIVATE_NETWORKS: value is not a valid IPv4 or IPv6 network"):
        load_settings()

"""Where webhooks may be sent: no request to an address inside, whatever a name resolves to, now or at a later delivery."""

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from kernel.database import refuse_inside_transaction
from kernel.problems import UNAVAILABLE, Problem

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_URL = 2_000
RESOLUTION_SECONDS = 5.0
RESOLVING = 16  # at once for deliveries, and as many for clients that name a URL: a name server may hold a thread long after its time is up
RESOLVING_FOR_A_CLIENT = 4
FREE_PORTS = range(1024, 65536)  # below, other protocols than HTTP are spoken
STANDARD_PORTS = {"https": 443, "http": 80}

# source  IANA IPv4 Special-Purpose Address Registry; RFC 5771 (multicast); RFC 1112, section 4 (reserved)
_SPECIAL_V4 = [
    ip_network(each)
    for each in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # Azure's own services, reached from every machine there
    )
]  # fmt: skip

# Of IPv6 only global unicast is let through, so no loopback, no link, no ULA, no multicast, no IPv4-mapped and no NAT64 address;
# and of that not what tunnels to IPv4 (Teredo, 6to4) or is for documentation. source  IANA IPv6 Special-Purpose Address Registry
_GLOBAL_V6 = ip_network("2000::/3")
_SPECIAL_V6 = [ip_network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]

_for_deliveries = ThreadPoolExecutor(RESOLVING, thread_name_prefix="webhook-names")
_for_clients = ThreadPoolExecutor(RESOLVING, thread_name_prefix="webhook-checks")
_clients: list[tuple[str, Future[list[Address]]]] = []  # who waits for what there


class AddressRefused(Exception):
    """A URL that webhooks are not sent to; `code` and the message say why, without telling what a name resolved to."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return address.scope_id is None and address in _GLOBAL_V6 and not any(address in network for network in _SPECIAL_V6)


def checked_url(url: str) -> httpx.URL:
    """A URL as it is used; raises AddressRefused for one that is wrong in itself."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise AddressRefused("malformed", f"The URL cannot be read: {error}.") from error
    if parsed.scheme not in STANDARD_PORTS or not parsed.host:
        raise AddressRefused("malformed", "The URL must begin with https:// and name a host.")
    if parsed.userinfo or parsed.fragment or len(str(parsed)) > LONGEST_URL:
        raise AddressRefused("malformed", f"The URL has neither user and password nor a fragment, and at most {LONGEST_URL} characters.")
    standard = STANDARD_PORTS[parsed.scheme]
    if port_of(parsed) != standard and port_of(parsed) not in FREE_PORTS:
        raise AddressRefused("port_refused", f"The port must be {standard}, or {FREE_PORTS.start} to {FREE_PORTS.stop - 1}.")
    return parsed


def port_of(url: httpx.URL) -> int:
    return STANDARD_PORTS[url.scheme] if url.port is None else url.port


async def resolve(url: httpx.URL, private_networks: tuple[Network, ...], client_id: str | None = None) -> list[Address]:
    """The addresses of a checked URL's host, each of which may be connected to.

    private_networks  those that the operator allows beside the public internet
    client_id         who names the URL; None for a delivery
    raises            AddressRefused, if the name is not found or one of its addresses may not be connected to; a 503 problem, if too many
                      names are being asked for already
    """
    refuse_inside_transaction()
    host = url.raw_host.decode().strip("[]")
    addresses = await _addresses(host, port_of(url), client_id)
    for address in addresses:
        private = any(address in network for network in private_networks)
        if not private and not is_public(address):
            raise AddressRefused("private_address", f"The host {host} has an address that is not of the public internet.")
        if url.scheme == "http" and not (private and address.is_loopback):
            raise AddressRefused("https_needed", "The URL must begin with https://.")
    return addresses


async def _addresses(host: str, port: int, client_id: str | None) -> list[Address]:
    """What a host's name stands for; nobody is asked for an address that stands there itself."""
    lookup = partial(_look_up, host, port)
    try:
        with suppress(socket.gaierror):
            return lookup(socket.AI_NUMERICHOST)
        asked = _for_deliveries.submit(lookup) if client_id is None else _ask_for(client_id, lookup)
        async with asyncio.timeout(RESOLUTION_SECONDS):
            return await asyncio.wrap_future(asked)
    except (OSError, UnicodeError) as error:
        if isinstance(error, TimeoutError) or getattr(error, "errno", None) == socket.EAI_AGAIN:
            raise AddressRefused("name_server_silent", f"No name server said where the host {host} is.") from error
        raise AddressRefused("unknown_host", f"The host {host} is not found.") from error


def _look_up(host: str, port: int, flags: int = 0) -> list[Address]:
    return [ip_address(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)]


def _ask_for(client_id: str, lookup: Callable[[], list[Address]]) -> Future[list[Address]]:
    """Have a name server asked on behalf of a client, unless too many of its names are asked for already, or of all clients'."""
    _clients[:] = [(who, asked) for who, asked in _clients if not asked.done()]
    if len(_clients) >= RESOLVING or [who for who, _ in _clients].count(client_id) >= RESOLVING_FOR_A_CLIENT:
        raise Problem(UNAVAILABLE, "Name servers have not answered yet for other webhooks; try again later.", headers={"Retry-After": "5"})
    asked = _for_clients.submit(lookup)
    _clients.append((client_id, asked))
    return asked

"""One attempt: a signed POST to the address that was checked, over a connection of its own; a redirect is not followed but failed."""

import asyncio
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx

from gateway.webhooks.addresses import Address, AddressRefused, Network, checked_url, resolve
from gateway.webhooks.schedule import Attempt, retry_after
from gateway.webhooks.signatures import Seal, SecretLost, headers

DEADLINE_SECONDS = 15.0
CONNECTING_SECONDS = 5.0  # to each address of a host
READING_SECONDS = 2.0
KEPT_BYTES = 500


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to a receiver; `sealed_secrets` are those that are valid now, the newest first."""

    id: str
    url: str
    body: str
    sealed_secrets: tuple[str, ...]


class Sender:
    """Sends webhooks.

    private_networks  those that the operator allows beside the public internet
    deadline          seconds for one attempt, all in all
    """

    def __init__(self, seal: Seal, private_networks: tuple[Network, ...], version: str, deadline: float = DEADLINE_SECONDS) -> None:
        self._seal = seal
        self._private_networks = private_networks
        self._agent = f"Baseyear/{version}"
        self._deadline = deadline
        # A transport instead of a client: no redirects, no proxy of the environment, no cookies. No kept connections either: one is
        # known by the address that it leads to, and two hosts may share that.
        context = httpx.create_ssl_context(trust_env=False)
        context.load_default_certs()  # those of the machine, for receivers inside the company
        self._transport = httpx.AsyncHTTPTransport(verify=context, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))

    async def send(self, outgoing: Outgoing) -> Attempt:
        """Try once; what goes wrong on the way to the receiver, or there, is in the attempt."""
        begun_at, started = datetime.now(UTC), time.perf_counter()

        def attempt(status: int | None = None, answer: str | None = None, failure: str | None = None) -> Attempt:
            milliseconds = round((time.perf_counter() - started) * 1000)
            return Attempt(begun_at, milliseconds, status, answer, failure and failure[:KEPT_BYTES])

        try:
            async with asyncio.timeout(self._deadline):
                response = await self._post(outgoing, begun_at)
        except TimeoutError:
            return attempt(failure=f"The receiver did not answer within {self._deadline:g} s.")
        except (AddressRefused, SecretLost) as error:
            return attempt(failure=str(error))
        except (httpx.HTTPError, ssl.SSLError) as error:
            return attempt(failure=f"{type(error).__name__}: {error}")
        answer = await _beginning(response)
        if response.is_success:
            return attempt(response.status_code, answer)
        failed = attempt(response.status_code, answer, f"The receiver answered {response.status_code}.")
        return replace(failed, retry_after=retry_after(response.headers.get("retry-after"), begun_at))

    async def _post(self, outgoing: Outgoing, now: datetime) -> httpx.Response:
        """The head of the answer, from the first of the host's addresses that takes a connection."""
        url = checked_url(outgoing.url)
        signed = headers(self._seal.open(outgoing.sealed_secrets), outgoing.id, now, outgoing.body)
        addresses = await resolve(url, self._private_networks)
        for address in addresses[:-1]:
            try:
                return await self._post_to(address, url, signed, outgoing.body)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._post_to(addresses[-1], url, signed, outgoing.body)

    async def _post_to(self, address: Address, url: httpx.URL, signed: dict[str, str], body: str) -> httpx.Response:
        """The connection goes to `address`; Host, and the name that the certificate must have, are those of the URL."""
        request = httpx.Request(
            "POST",
            url.copy_with(host=str(address)),
            headers={
                "host": url.netloc.decode(),
                "content-type": "application/json",
                "accept-encoding": "identity",
                "user-agent": self._agent,
                **signed,
            },
            content=body.encode(),
            extensions={"sni_hostname": url.raw_host.decode(), "timeout": {"connect": CONNECTING_SECONDS}},
        )
        return await self._transport.handle_async_request(request)


async def _beginning(response: httpx.Response) -> str:
    """The first bytes of an answer, as text that can be stored; the status counts, whether or not they come."""
    kept = b""
    try:
        with suppress(TimeoutError, httpx.HTTPError):
            async with asyncio.timeout(READING_SECONDS):
                async for chunk in response.aiter_raw():
                    kept += chunk
                    if len(kept) >= KEPT_BYTES:
                        break
    finally:
        await response.aclose()
    return kept[:KEPT_BYTES].decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")

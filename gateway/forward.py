"""What passes between the outside and a service: headers that end here are dropped, bodies are counted, answers get safe defaults."""

from collections.abc import Iterable

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from kernel.problems import BAD_REQUEST, Problem

LARGEST_HEADERS = 64 * 1024
MOST_HEADERS = 100
INTERNAL_PREFIX = b"x-baseyear-"  # headers by which processes of one installation speak to each other; never taken from outside

# source  RFC 9110, section 7.6.1; RFC 2616, section 13.5.1 for those that it named
HOP_BY_HOP = frozenset(
    [
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    ]
)

Header = tuple[bytes, bytes]

_NO_SNIFFING: Header = (b"x-content-type-options", b"nosniff")
_NO_STORE: Header = (b"cache-control", b"no-store")


def forwarded_headers(headers: list[Header]) -> list[Header]:
    """The headers of a request that its service sees; the same list where all of them may pass."""
    if len(headers) > MOST_HEADERS:
        raise Problem(BAD_REQUEST, f"A request has at most {MOST_HEADERS} headers; this one has {len(headers)}.")
    size, all_pass = 0, True
    for name, value in headers:
        size += len(name) + len(value)
        if name in HOP_BY_HOP or name.startswith(INTERNAL_PREFIX):
            all_pass = False
    if size > LARGEST_HEADERS:
        raise Problem(BAD_REQUEST, f"The headers of a request have at most {LARGEST_HEADERS} bytes.")
    return headers if all_pass else _without_those_that_end_here(headers)


def _without_those_that_end_here(headers: list[Header]) -> list[Header]:
    nominated = {word.strip().lower() for name, value in headers if name == b"connection" for word in value.split(b",")}
    ends_here = HOP_BY_HOP | nominated
    return [header for header in headers if header[0] not in ends_here and not header[0].startswith(INTERNAL_PREFIX)]


def answer_headers(headers: Iterable[Header]) -> list[Header]:
    """The headers of an answer: nothing guesses its type, and nothing keeps it unless the service said so."""
    kept = [header for header in headers if header[0] not in HOP_BY_HOP]
    if not any(name == b"cache-control" for name, _ in kept):
        kept.append(_NO_STORE)
    kept.append(_NO_SNIFFING)
    return kept


def too_large(largest: int) -> HTTPException:
    # FastAPI lets an HTTPException out of the reading of a body; of anything else it makes a 400.
    return HTTPException(413, f"A body has at most {largest} bytes.")


def counted(receive: Receive, largest: int) -> Receive:
    """A `receive` that raises 413 as soon as a body without a stated length has become too large."""
    received = 0

    async def receive_counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > largest:
            raise too_large(largest)
        return message

    return receive_counted

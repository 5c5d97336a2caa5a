"""What passes between the outside and a service: headers that end here are dropped, bodies are counted, answers get safe defaults."""

from collections.abc import Iterable
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from kernel.problems import BAD_REQUEST, Problem, problem_type
from kernel.telemetry import current_traceparent

LONGEST_URL = 8 * 1024
LARGEST_HEADERS = 64 * 1024
MOST_HEADERS = 100
INTERNAL_PREFIX = b"x-baseyear-"  # headers by which processes of one installation speak to each other; never taken from outside

# Here and not beside the forwarding itself, so that one process documents it too.
TOO_SLOW = problem_type(
    "too_slow",
    504,
    "The answer took too long",
    "The service did not answer in time. It may have carried the request out: repeat it with the same Idempotency-Key.",
)

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

# Said anew to a service in another process. The length is framed anew, and a 100 Continue has been given by the server.
SAID_ANEW = HOP_BY_HOP | {
    b"host",
    b"content-length",
    b"expect",
    b"forwarded",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-proto",
}
WITHOUT_BODY = frozenset([HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED])  # our own server misses a body where they tell a length
OF_THE_SERVER = HOP_BY_HOP | {b"date", b"server"}  # in an answer; our own server says them

Header = tuple[bytes, bytes]

_ONCE = frozenset([b"authorization", b"content-length", b"host", b"idempotency-key", b"transfer-encoding"])
_READ_HERE = _ONCE | {b"traceparent"}
_CONTROLS = bytes({*range(0x20), 0x7F} - {0x09})
_NO_SNIFFING: Header = (b"x-content-type-options", b"nosniff")
_NO_STORE: Header = (b"cache-control", b"no-store")


def checked(scope: Scope) -> dict[bytes, bytes]:
    """The headers that the door itself reads, after a look at all of the request's head.

    raises  a 400 problem for what is too much, what could be read in two ways, or what breaks lines
    """
    target = (scope.get("raw_path") or scope["path"].encode()) + scope["query_string"]
    if len(target) > LONGEST_URL:
        raise Problem(BAD_REQUEST, f"A URL has at most {LONGEST_URL} bytes.")
    headers: list[Header] = scope["headers"]
    if len(headers) > MOST_HEADERS:
        raise Problem(BAD_REQUEST, f"A request has at most {MOST_HEADERS} headers; this one has {len(headers)}.")
    everything = b"".join([part for header in headers for part in header])
    if len(everything) > LARGEST_HEADERS:
        raise Problem(BAD_REQUEST, f"The headers of a request have at most {LARGEST_HEADERS} bytes.")
    if everything.translate(None, _CONTROLS) != everything or target.translate(None, _CONTROLS) != target:
        raise Problem(BAD_REQUEST, "The URL or a header holds a control character.")
    known: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _READ_HERE:
            if name in known and name in _ONCE:
                raise Problem(BAD_REQUEST, f"The header {name.decode()} is sent twice.")
            known[name] = value
    if b"transfer-encoding" in known and (b"content-length" in known or known[b"transfer-encoding"].strip().lower() != b"chunked"):
        raise Problem(BAD_REQUEST, "A body has a Content-Length or comes in chunks, not both, and is not coded for the way.")
    return known


def forwarded_headers(headers: list[Header]) -> list[Header]:
    """The headers of a request that its service sees; the same list where all of them may pass."""
    for name, _ in headers:
        if name in HOP_BY_HOP or name.startswith(INTERNAL_PREFIX):
            return _without_those_that_end_here(headers)
    return headers


def _without_those_that_end_here(headers: list[Header]) -> list[Header]:
    ends_here = HOP_BY_HOP | _nominated(headers)
    return [header for header in headers if header[0] not in ends_here and not header[0].startswith(INTERNAL_PREFIX)]


def _nominated(headers: list[Header]) -> set[bytes]:
    """What a sender names as headers of its connection only."""
    return {word.strip().lower() for name, value in headers if name == b"connection" for word in value.split(b",")}


def traceparent_of(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return bytes(value).decode("latin-1")
    return None


def traced(headers: list[Header], traceparent: bytes | None) -> list[Header]:
    """Headers with the present place in the trace; of another trace than the caller's its `tracestate` says nothing."""
    present = (current_traceparent() or "").encode()
    if present == traceparent:
        return headers
    replaced = (b"traceparent",) if traceparent and present[:35] == traceparent[:35] else (b"traceparent", b"tracestate")
    return [*(header for header in headers if header[0] not in replaced), (b"traceparent", present)]


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


def request_head(scope: Scope, authority: bytes, seconds_left: float) -> bytes:
    """Request line and headers for a service in another process, its path and query byte for byte; all but the framing of the body.

    authority     host and port of the service; the host that the client asked for stands in x-forwarded-host
    seconds_left  until nobody waits for the head of the answer any more
    """
    query, client = scope["query_string"], scope.get("client")
    target = scope["raw_path"] + b"?" + query if query else scope["raw_path"]
    lines = [b"%b %b HTTP/1.1\r\nhost: %b\r\n" % (scope["method"].encode(), target, authority)]
    for name, value in scope["headers"]:
        if name not in SAID_ANEW:
            lines.append(b"%b: %b\r\n" % (name, value))
        elif name == b"host":
            lines.append(b"x-forwarded-host: %b\r\n" % value)
    lines.append(
        b"x-forwarded-for: %b\r\nx-forwarded-proto: %b\r\nx-baseyear-deadline: %d\r\n"
        % ((client[0] if client else "unknown").encode(), scope["scheme"].encode(), seconds_left * 1000)
    )
    return b"".join(lines)


def passed_back(status: int, headers: list[Header]) -> list[Header]:
    """The headers of a service's answer without those of its own connection and server, and without the length of no body."""
    ends_here = OF_THE_SERVER | _nominated(headers)
    if status in WITHOUT_BODY:
        ends_here |= {b"content-length"}
    return [header for header in headers if header[0] not in ends_here]

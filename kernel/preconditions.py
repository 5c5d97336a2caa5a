"""ETags: the version of a resource, the version for which a change was made, and the copy that a client has already."""

import re

from fastapi import Request, Response

from kernel.problems import PRECONDITION_FAILED, PRECONDITION_REQUIRED, Problem

_VERSION = re.compile(r'"(\d+)(?:\.[^"]*)?"')
_OF_A_KEPT_COPY = ("ETag", "Cache-Control", "Vary")


def etag(version: int, standing: str | None = None) -> str:
    """The tag of a version.

    standing  what the resource shows that moves without a new version: a copy kept with another standing is out of date,
              while a change that was made for the version still holds
    """
    return f'"{version}"' if standing is None else f'"{version}.{standing}"'


def set_etag(response: Response, version: int) -> None:
    response.headers["ETag"] = etag(version)


def require_match(request: Request, version: int) -> None:
    """Refuse a PATCH without If-Match (428) and one made for another version (412).

    source  RFC 9110, section 13.1.1; RFC 6585, section 3
    """
    if "if-match" not in request.headers:
        raise Problem(PRECONDITION_REQUIRED, f"Send If-Match with the ETag that you read; now it is {etag(version)}.")
    honour_match(request, version)


def honour_match(request: Request, version: int) -> None:
    """Refuse a PUT that was made for another version (412); one without If-Match is for any.

    source  RFC 9110, section 13.1.1
    """
    wanted = request.headers.get("if-match", "*")
    named = [match.group(1) for tag in wanted.split(",") if (match := _VERSION.fullmatch(tag.strip()))]
    if wanted.strip() != "*" and str(version) not in named:
        raise Problem(PRECONDITION_FAILED, f"It has changed: its ETag is {etag(version)} now.", headers={"ETag": etag(version)})


def unless_known(request: Request, response: Response) -> Response:
    """The answer to a GET, or 304 without a body where If-None-Match names its ETag.

    source  RFC 9110, sections 13.1.2 and 15.4.5
    """
    known, tag = request.headers.get("if-none-match"), response.headers.get("etag")
    if request.method != "GET" or response.status_code != 200 or known is None or tag is None:
        return response
    if known.strip() != "*" and tag not in [one.strip().removeprefix("W/") for one in known.split(",")]:
        return response
    return Response(status_code=304, headers={name: response.headers[name] for name in _OF_A_KEPT_COPY if name in response.headers})

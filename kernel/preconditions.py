"""ETags: the version of a resource, and the version for which a change was made."""

from fastapi import Request, Response

from kernel.problems import PRECONDITION_FAILED, PRECONDITION_REQUIRED, Problem


def etag(version: int) -> str:
    return f'"{version}"'


def set_etag(response: Response, version: int) -> None:
    response.headers["ETag"] = etag(version)


def require_match(request: Request, version: int) -> None:
    """Refuse a PATCH without If-Match (428) and one made for another version (412).

    source  RFC 9110, section 13.1.1; RFC 6585, section 3
    """
    wanted = request.headers.get("if-match")
    if wanted is None:
        raise Problem(PRECONDITION_REQUIRED, f"Send If-Match with the ETag that you read; now it is {etag(version)}.")
    if wanted.strip() != "*" and etag(version) not in [tag.strip() for tag in wanted.split(",")]:
        raise Problem(PRECONDITION_FAILED, f"It has changed: its ETag is {etag(version)} now.", headers={"ETag": etag(version)})

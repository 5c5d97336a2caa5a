"""ETags: a change is made for a version, a copy is kept of what was shown."""

import pytest
from fastapi import Request, Response

from kernel.preconditions import etag, require_match, unless_known
from kernel.problems import Problem


def request(method: str = "GET", **headers: str) -> Request:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": method, "headers": pairs})


def answer(status: int = 200, **headers: str) -> Response:
    return Response("content", status, headers={"ETag": '"3"', "Cache-Control": "no-store", "Location": "/here"} | headers)


@pytest.mark.parametrize("known", ['"3"', '"2", "3"', 'W/"3"', "*"])
def test_a_copy_that_is_kept_is_not_sent_again(known: str) -> None:
    given = unless_known(request(if_none_match=known), answer())

    assert (given.status_code, given.body) == (304, b"")
    assert (given.headers["etag"], given.headers["cache-control"]) == ('"3"', "no-store")
    assert "location" not in given.headers


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (request(), answer()),
        (request(if_none_match='"2"'), answer()),
        (request(if_none_match='"3.calculated"'), answer()),
        (request("POST", if_none_match='"3"'), answer()),
        (request(if_none_match="*"), answer(404)),
        (request(if_none_match="*"), Response("without a tag")),
    ],
)
def test_everything_else_is_sent(asked: Request, answered: Response) -> None:
    assert unless_known(asked, answered) is answered


@pytest.mark.parametrize("wanted", ['"3"', '"2", "3"', "*", '"3.calculated.AR6"', '"3.awaiting_factor.AR4"'])
def test_a_change_for_the_present_version_is_let_through(wanted: str) -> None:
    require_match(request("PATCH", if_match=wanted), 3)


@pytest.mark.parametrize("wanted", ['"2"', '"33"', "3", 'W/"3"', '"x"', '"3', '"2.3"', ""])
def test_a_change_for_another_version_is_refused(wanted: str) -> None:
    with pytest.raises(Problem) as refusal:
        require_match(request("PATCH", if_match=wanted), 3)

    assert (refusal.value.type.status, refusal.value.headers["ETag"]) == (412, '"3"')


def test_a_tag_tells_the_version_and_what_else_is_shown() -> None:
    assert (etag(3), etag(3, "calculated.AR6")) == ('"3"', '"3.calculated.AR6"')

"""Cursor pages: what a list has, once each, and no cursor of another list."""

import base64

import pytest

from tests.conftest import Client


async def filled(client: Client, *said: str) -> None:
    for text in said:
        assert (await client.post("/v1/notes", {"said": text})).status == 201


async def test_pages_give_every_item_once_and_the_last_has_no_next(client: Client) -> None:
    await filled(client, "a", "b", "c", "d", "e")
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor is not None:
        page = (await client.get("/v1/notes", limit=2, **({"cursor": cursor} if cursor else {}))).body
        seen += [item["said"] for item in page["items"]]
        cursor, pages = page["next"], pages + 1

    assert (seen, pages) == (["a", "b", "c", "d", "e"], 3)


async def test_a_full_last_page_has_no_next(client: Client) -> None:
    await filled(client, "a", "b")

    assert (await client.get("/v1/notes", limit=2)).body["next"] is None


async def test_an_item_added_behind_the_cursor_is_still_to_come(client: Client) -> None:
    await filled(client, "a", "b", "c")
    cursor = (await client.get("/v1/notes", limit=2)).body["next"]
    await filled(client, "d")

    assert [item["said"] for item in (await client.get("/v1/notes", cursor=cursor)).body["items"]] == ["c", "d"]


async def test_the_limit_may_change_from_page_to_page(client: Client) -> None:
    await filled(client, "a", "b", "c", "d")
    cursor = (await client.get("/v1/notes", limit=1)).body["next"]

    assert [item["said"] for item in (await client.get("/v1/notes", cursor=cursor, limit=3)).body["items"]] == ["b", "c", "d"]


async def refused_cursor(client: Client, path: str, cursor: str, **filters: str) -> None:
    answer = await client.get(path, cursor=cursor, **filters)
    assert (answer.status, answer.problem.pointers, answer.problem.errors[0]["code"]) == (422, ["/cursor"], "invalid_cursor")


async def test_a_cursor_keeps_its_filters(client: Client) -> None:
    await filled(client, "a", "a", "b", "b")
    cursor = (await client.get("/v1/notes", limit=1, said="a")).body["next"]

    assert (await client.get("/v1/notes", cursor=cursor, said="a")).status == 200
    await refused_cursor(client, "/v1/notes", cursor, said="b")
    await refused_cursor(client, "/v1/notes", cursor)


async def test_a_cursor_is_of_one_list_only(client: Client) -> None:
    await filled(client, "a", "b")
    cursor = (await client.get("/v1/notes", limit=1)).body["next"]

    await refused_cursor(client, "/v1/others", cursor)


async def test_a_forged_position_is_refused(client: Client) -> None:
    await filled(client, "a", "b", "c")
    raw = base64.urlsafe_b64decode((await client.get("/v1/notes", limit=1)).body["next"] + "==")
    forged = base64.urlsafe_b64encode(raw[:16] + b"[2]").decode().rstrip("=")

    await refused_cursor(client, "/v1/notes", forged)


@pytest.mark.parametrize("cursor", ["", "x", "é", "AAAA", "A" * 2_000, "!!!!", "\x00"])
async def test_nonsense_is_refused(client: Client, cursor: str) -> None:
    await refused_cursor(client, "/v1/notes", cursor)

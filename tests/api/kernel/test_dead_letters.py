"""Dead letters by the place of their event, in which another lies when its topic was made anew."""

from dataclasses import replace

import pytest

from kernel import dead_letters
from kernel.database import Database
from kernel.outbox import Message
from tests.api.kernel.ground import TOPIC

OLD = Message(TOPIC, "k", {"ce_id": "old"}, '{"said":"poison"}', position=1)
NEW = replace(OLD, key="j", headers={"ce_id": "new"})


async def parked(database: Database, message: Message) -> None:
    async with database.unit_of_work() as session:
        await dead_letters.park(session, "beta", message, f"of {message.key}")


async def resolved(database: Database, letter_id: int) -> None:
    async with database.unit_of_work() as session:
        await dead_letters.resolve(session, [letter_id], "dropped", "of a log that is lost")


async def letters(database: Database) -> list[dead_letters.Letter]:
    async with database.unit_of_work() as session:
        return await dead_letters.page(session, 0, 10)


@pytest.mark.parametrize("was_resolved", [True, False])
async def test_another_event_in_the_same_place_is_parked_under_an_id_of_its_own(beta: Database, was_resolved: bool) -> None:
    await parked(beta, OLD)
    (old,) = await letters(beta)
    if was_resolved:
        await resolved(beta, old.id)

    await parked(beta, NEW)

    (letter,) = await letters(beta)
    assert (letter.key, letter.headers, letter.state, letter.reason, letter.resolution) == ("j", {"ce_id": "new"}, "parked", "of j", None)
    assert letter.id > old.id
    assert letter.parked_at > old.parked_at


async def test_another_event_in_the_same_place_that_is_held_back_is_parked(beta: Database) -> None:
    await parked(beta, OLD)
    (old,) = await letters(beta)
    await resolved(beta, old.id)
    await parked(beta, replace(NEW, position=9))

    async with beta.unit_of_work() as session:
        assert await dead_letters.park_held_back(session, "beta", [NEW]) == []

    assert [(letter.key, letter.position, letter.state) for letter in await letters(beta)] == [("j", 9, "parked"), ("j", 1, "parked")]


@pytest.mark.parametrize("was_resolved", [True, False])
async def test_the_same_event_that_comes_again_stays_as_it_is_kept(beta: Database, was_resolved: bool) -> None:
    await parked(beta, OLD)
    if was_resolved:
        await resolved(beta, (await letters(beta))[0].id)
    kept = await letters(beta)

    await parked(beta, OLD)

    assert await letters(beta) == kept

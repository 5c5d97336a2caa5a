"""The unit of work: one transaction, opened by the first statement and committed at the end, or nothing at all."""

import asyncio

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kernel.database import Database, Session, TransactionOpen
from kernel.postgres import driver, is_outage
from kernel.questions import Questions
from tests.api.kernel.ground import SampleServices, notes, scalar


async def test_what_it_wrote_is_there_after_it_and_was_not_before(alpha: Database) -> None:
    async with alpha.unit_of_work() as session:
        await session.execute(text("INSERT INTO note (said) VALUES ('x')"))
        assert await notes(alpha) == []

    assert await notes(alpha) == ["x"]


async def test_a_copy_as_its_first_statement_is_rolled_back_with_it(alpha: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with alpha.unit_of_work() as session:
            connection = await driver(session)
            await connection.copy_records_to_table("note", records=[("copied",)], columns=["said"])
            raise ZeroDivisionError

    assert await notes(alpha) == []


async def test_a_copy_as_its_first_statement_is_committed_with_it(alpha: Database) -> None:
    async with alpha.unit_of_work() as session:
        connection = await driver(session)
        await connection.copy_records_to_table("note", records=[("copied",)], columns=["said"])

    assert await notes(alpha) == ["copied"]


async def test_nothing_opens_before_the_first_statement(sample: SampleServices) -> None:
    never_reached = Database(sample.addresses["alpha"].set(query={"host": "/nowhere"}), "alpha")
    async with never_reached.unit_of_work() as session:
        assert not session.in_transaction()
    await never_reached.close()


async def test_its_transaction_knows_the_principal_and_forgets_it(alpha: Database) -> None:
    async with alpha.unit_of_work("client-1") as session:
        assert await session.scalar(text("SELECT current_setting('baseyear.principal')")) == "client-1"

    assert await scalar(alpha, "SELECT current_setting('baseyear.principal')") == "system"


async def test_another_service_is_not_asked_inside_a_transaction(alpha: Database) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"answered": True}))) as client:
        questions = Questions("alpha", "beta", client, lambda: "token")
        async with alpha.unit_of_work() as session:
            assert await questions.ask("GET", "http://beta/v1/things") == {"answered": True}
            await session.execute(text("SELECT 1"))
            with pytest.raises(TransactionOpen):
                await questions.ask("GET", "http://beta/v1/things")

        assert await questions.ask("GET", "http://beta/v1/things") == {"answered": True}


@pytest.mark.parametrize("through_the_driver", [False, True])
async def test_two_transactions_in_a_deadlock_both_do_their_work_in_the_end(alpha: Database, through_the_driver: bool) -> None:
    async with alpha.unit_of_work() as session:
        await session.execute(text("INSERT INTO counter VALUES ('a', 0), ('b', 0)"))
    both_hold_one, attempts = asyncio.Barrier(2), []

    async def add(session: Session, name: str) -> None:
        if through_the_driver:
            await (await driver(session)).execute("UPDATE counter SET value = value + 1 WHERE name = $1", name)
        else:
            await session.execute(text("UPDATE counter SET value = value + 1 WHERE name = :name"), {"name": name})

    async def count(first: str, second: str) -> None:
        first_attempt = first not in attempts
        attempts.append(first)
        async with alpha.unit_of_work() as session:
            await add(session, first)
            if first_attempt:
                await both_hold_one.wait()
            await add(session, second)

    await asyncio.gather(alpha.retried(lambda: count("a", "b")), alpha.retried(lambda: count("b", "a")))

    assert len(attempts) == 3  # PostgreSQL ended one of the two
    assert await scalar(alpha, "SELECT array_agg(value ORDER BY name) FROM counter") == [2, 2]


async def test_a_serialisation_failure_is_tried_again(alpha: Database) -> None:
    attempts = 0

    async def work() -> None:
        nonlocal attempts
        attempts += 1
        async with alpha.unit_of_work() as session:
            await session.execute(text("INSERT INTO note (said) VALUES ('once')"))
            if attempts == 1:
                await session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'not serialisable' USING ERRCODE = '40001'; END $$"))

    await alpha.retried(work)

    assert (attempts, await notes(alpha)) == (2, ["once"])


async def test_another_failure_is_not_tried_again(alpha: Database) -> None:
    attempts = 0

    async def work() -> None:
        nonlocal attempts
        attempts += 1
        async with alpha.unit_of_work() as session:
            await session.execute(text("SELECT 1 / 0"))

    with pytest.raises(DBAPIError):
        await alpha.retried(work)

    assert attempts == 1


@pytest.mark.parametrize("through_the_driver", [False, True])
async def test_a_connection_that_the_server_ends_is_an_outage(sample: SampleServices, alpha: Database, through_the_driver: bool) -> None:
    with pytest.raises(Exception) as failure:
        async with alpha.unit_of_work() as session:
            connection = await driver(session)
            ending = asyncio.create_task(end_soon(sample, connection.get_server_pid()))
            if through_the_driver:
                await connection.execute("SELECT pg_sleep(10)")
            else:
                await session.execute(text("SELECT pg_sleep(10)"))

    await ending
    assert is_outage(failure.value)


async def end_soon(sample: SampleServices, pid: int) -> None:
    """Another connection of the same role ends the one with this process."""
    await asyncio.sleep(0.1)
    assert await scalar(sample.database("alpha"), "SELECT pg_terminate_backend(:pid)", pid=pid)


async def test_a_wrong_value_is_not_an_outage(alpha: Database) -> None:
    with pytest.raises(Exception) as failure:
        async with alpha.unit_of_work() as session:
            await (await driver(session)).execute("INSERT INTO counter VALUES ('a', $1)", 2**70)

    assert not is_outage(failure.value)


@pytest.mark.parametrize("through_the_driver", [False, True])
async def test_a_connection_that_is_found_closed_is_an_outage(alpha: Database, through_the_driver: bool) -> None:
    with pytest.raises(Exception) as failure:
        async with alpha.unit_of_work() as session:
            connection = await driver(session)
            connection.terminate()
            if through_the_driver:
                await connection.execute("SELECT 1")
            else:
                await session.execute(text("SELECT 1"))

    assert is_outage(failure.value)


@pytest.mark.parametrize("statement", ["SELECT $1::int", "SELECT $1::int, $2::int, $3::int"])
async def test_a_wrong_number_of_arguments_is_not_an_outage(alpha: Database, statement: str) -> None:
    with pytest.raises(Exception) as failure:
        async with alpha.unit_of_work() as session:
            await (await driver(session)).execute(statement, 1, 2)

    assert not is_outage(failure.value)


async def test_a_connection_that_does_two_things_at_once_is_not_an_outage(alpha: Database) -> None:
    async with alpha.unit_of_work() as session:
        connection = await driver(session)
        both = await asyncio.gather(connection.execute("SELECT pg_sleep(0.1)"), connection.execute("SELECT 1"), return_exceptions=True)

    assert [is_outage(error) for error in both if isinstance(error, Exception)] == [False]


async def test_a_pool_without_a_free_connection_is_an_outage(sample: SampleServices, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(sample.addresses["alpha"], "alpha", pool_size=1)
    sample.opened.append(database)
    monkeypatch.setattr(database.engine.pool, "_timeout", 0.05)
    async with database.unit_of_work() as session:
        await session.execute(text("SELECT 1"))
        with pytest.raises(Exception) as failure:
            await scalar(database, "SELECT 1")

    assert is_outage(failure.value)

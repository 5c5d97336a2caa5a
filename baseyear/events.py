"""`baseyear events`: what waits to be published, what could not be applied, and how to go on.

Works beside a running `baseyear up`, and without one: then it starts the embedded database itself and stops it again.
"""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer
from rich.markup import escape
from rich.table import Table

from baseyear.terminal import console, run_until_done, settings_of_command

if TYPE_CHECKING:
    from baseyear.one_process import Installation
    from kernel import dead_letters
    from kernel.auth import Principal
    from kernel.database import Session
    from kernel.service import Service
    from kernel.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Events: what waits, what could not be applied, and how to go on.")

MOST_SHOWN = 1_000

Result = TypeVar("Result")
Letter = Annotated[str, typer.Argument(metavar="ID", help="As `baseyear events dead-letters` shows it, for example reporting/12.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept with the event.")]


@app.command()
def outbox() -> None:
    """Events that are recorded and not yet published, by service."""
    from sqlalchemy import text  # noqa: PLC0415 - keeps `baseyear --help` quick

    async def look(parts: "Installation") -> Table:
        table = Table("service", "waiting", "oldest since")
        for service in parts.services.values():
            async with service.ground.database.unit_of_work() as session:
                waiting, oldest = (
                    await session.execute(text("SELECT count(*), min(recorded_at)::text FROM outbox WHERE published_at IS NULL"))
                ).one()
            table.add_row(service.name, str(waiting), oldest or "")
        return table

    console.print(_with_installation(look))


@app.command("dead-letters")
def list_dead_letters() -> None:
    """Events that could not be applied, with those of the same key that wait behind them."""
    from kernel import dead_letters  # noqa: PLC0415

    async def look(parts: "Installation") -> Table | None:
        table = Table("ID", "topic", "key", "parked at", "reason")
        for service in parts.services.values():
            async with service.ground.database.unit_of_work() as session:
                for letter in await dead_letters.page(session, 0, MOST_SHOWN, state="parked"):
                    name = f"{service.name}/{letter.id}"
                    table.add_row(name, letter.topic, escape(letter.key), f"{letter.parked_at:%Y-%m-%d %H:%M:%S}", escape(letter.reason))
        return table if table.row_count else None

    console.print(_with_installation(look) or "No event is parked.")


@app.command()
def show(letter: Letter) -> None:
    """A parked, redriven or dropped event, whole."""
    from kernel import dead_letters  # noqa: PLC0415
    from kernel.operations import document_of  # noqa: PLC0415

    async def look(session: "Session", service: "Service", number: int) -> "tuple[dead_letters.Letter, list[int]]":
        return await dead_letters.one(session, number), await dead_letters.behind(session, number)

    found, behind = _of_letter(letter, look)
    lines = {
        "topic": found.topic,
        "key": found.key,
        "place": f"partition {found.partition}, position {found.position}",
        "state": f"{found.state}, parked at {found.parked_at:%Y-%m-%d %H:%M:%S}",
        "reason": found.reason,
        "resolution": found.resolution,
        "behind it": ", ".join(f"{letter.partition('/')[0]}/{number}" for number in behind),
    }
    for name, said in lines.items():
        if said:
            console.print(f"[bold]{name}[/bold]  {escape(said)}", soft_wrap=True)
    console.print_json(data={"headers": found.headers, "event": document_of(found) or found.value})


@app.command()
def redrive(letter: Letter, reason: Reason) -> None:
    """Apply a parked event again, and those of its key that wait behind it, in order: all of them or none."""
    from kernel import operations  # noqa: PLC0415

    async def go_on(session: "Session", service: "Service", number: int) -> list[int]:
        return await operations.redrive(session, _here(), service.consumer, number, reason)

    console.print(f"Applied: {len(_of_letter(letter, go_on))} event(s).")


@app.command()
def drop(letter: Letter, reason: Reason) -> None:
    """Never apply a parked event. What it said is lost to this service, unless a later event says it again."""
    from kernel import operations  # noqa: PLC0415

    async def let_go(session: "Session", service: "Service", number: int) -> list[int]:
        return await operations.drop(session, _here(), number, reason)

    behind = _of_letter(letter, let_go)
    console.print("Dropped.")
    if behind:
        name, _, _ = letter.partition("/")
        console.print(f"Behind it wait {len(behind)} more of its key: baseyear events redrive {name}/{behind[0]} --reason …")


@app.command()
def rebuild(service: Annotated[str, typer.Argument(help="For example reporting.")]) -> None:
    """Forget what a service has taken from events and let it read them all anew; its rows come back the same."""

    async def begin_anew(parts: "Installation") -> None:
        await _service(parts, service).rebuild()

    _with_installation(begin_anew)
    console.print(f"{service} reads its events anew: at once if Baseyear is running, else when it starts.")


@app.command()
def republish(topic: Annotated[str, typer.Argument(help="For example baseyear.inventory.cell.v1.")]) -> None:
    """Let the owner of a topic say its present state again, in the versions that it has."""
    from contracts.topics import TOPICS  # noqa: PLC0415
    from kernel.republishing import republish as enqueue  # noqa: PLC0415

    chosen = next((each for each in TOPICS if each.name == topic), None)
    if chosen is None:
        _exit(f"There is no topic {topic}; there are:\n  " + "\n  ".join(each.name for each in TOPICS if each.kind == "state"))
    if chosen.kind == "fact":
        _exit(f"{topic} tells facts: each happened once, is no state that somebody has, and cannot be said again.")

    async def order(parts: "Installation") -> None:
        async with _service(parts, chosen.owner).ground.database.unit_of_work() as session:
            await enqueue(session, topic)

    _with_installation(order)
    console.print(f"{chosen.owner} says {topic} again: at once if it is running, else when it starts.", soft_wrap=True)


def _of_letter(letter: str, work: "Callable[[Session, Service, int], Awaitable[Result]]") -> Result:
    """Do `work` in one transaction of the service whose letter it is; exits with the words of whatever is refused."""
    from kernel.problems import Problem  # noqa: PLC0415

    name, number = _parse(letter)

    async def do(parts: "Installation") -> Result:
        service = _service(parts, name)

        async def attempt() -> Result:
            async with service.ground.database.unit_of_work() as session:
                return await work(session, service, number)

        return await service.ground.database.retried(attempt)

    try:
        return _with_installation(do)
    except Problem as problem:
        _exit(problem.detail)


def _here() -> "Principal":
    """Who acts by this command, as the audit trail names it."""
    from kernel.auth import Principal  # noqa: PLC0415
    from kernel.database import SYSTEM  # noqa: PLC0415

    return Principal(client_id=SYSTEM, kind="service", name="command line", scopes=frozenset())


def _with_installation(work: Callable[["Installation"], Awaitable[Result]]) -> Result:
    """Do `work` with the services put together on the database at hand, with nothing of them running in this process."""
    settings = settings_of_command(quiet=True)

    async def do() -> Result:
        async with _at_hand(settings) as parts:
            return await work(parts)

    return run_until_done(do())


@asynccontextmanager
async def _at_hand(settings: "Settings") -> AsyncIterator["Installation"]:
    from baseyear.one_process import composed  # noqa: PLC0415
    from baseyear.provisioning import SCHEMAS, decided_addresses, prepare, runtime_addresses  # noqa: PLC0415
    from baseyear.serving import database_at_hand  # noqa: PLC0415

    async with database_at_hand(settings) as (admin, served):
        decided = decided_addresses(settings)
        databases = runtime_addresses(admin, SCHEMAS, settings.home, decided) if served or decided else await prepare(settings, admin)
        async with composed(settings, databases, settings.public_url or "") as parts:
            yield parts


def _parse(letter: str) -> tuple[str, int]:
    name, _, number = letter.partition("/")
    if not number.isdecimal():
        _exit(f"{letter} is not an ID as `baseyear events dead-letters` shows them, for example reporting/12.")
    return name, int(number)


def _service(parts: "Installation", name: str) -> "Service":
    if name not in parts.services:
        _exit(f"There is no service {name}; there are {', '.join(parts.services)}.")
    return parts.services[name]


def _exit(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(1)

"""What an operator sees and does of a service while it runs: its state, and the events that it could not apply.

Every service has these operations under its own name: `/v1/services/inventory/dead-letters`. Events hold facts of the whole group,
so only clients that are narrowed to nothing see them.
"""

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType

from kernel import audit, dead_letters
from kernel.auth import Principal, requires
from kernel.consumer import Consumer
from kernel.database import RETRIED_STATES, Session
from kernel.dead_letters import Letter
from kernel.edge import Edge, session_of
from kernel.pages import DEFAULT_LIMIT, Cursor, Cursors, Limit, Page, here, page_of
from kernel.postgres import is_outage, sql_state
from kernel.problems import FORBIDDEN, Problem, problem_type

STILL_NOT_APPLICABLE = problem_type(
    "still_not_applicable",
    409,
    "The event still cannot be applied",
    "It stays parked, with those of its key behind it. Mend what the detail says, or drop it.",
)

Watcher = Annotated[Principal, Depends(requires("operations:read"))]
Mender = Annotated[Principal, Depends(requires("operations:write"))]
InTransaction = Annotated[Session, Depends(session_of)]
LetterId = Annotated[str, Path(pattern=r"^[0-9]{1,18}$", examples=["12"])]
DeadLetterState = TypeAliasType("DeadLetterState", Literal["parked", "redriven", "dropped"])


class ServiceState(BaseModel):
    """A service as it says of itself; one that does not answer has no version and is not ready."""

    name: str
    version: str | None
    ready: bool
    not_ready_because: str | None
    parked_events: int | None = Field(description="Null where the client may not see events, or the service cannot say.")


class DeadLetter(BaseModel):
    """An event that could not be applied. While it is parked, it holds back the later events of its key, and no others."""

    id: str
    topic: str
    key: str
    event_id: str | None
    partition: int
    position: int
    state: DeadLetterState
    reason: str = Field(description="Why it could not be applied.")
    resolution: str | None = Field(description="Why it was driven again or dropped.")
    parked_at: datetime


class DeadLetterPage(Page):
    items: list[DeadLetter]


class DeadLetterWithEvent(DeadLetter):
    headers: dict[str, str] = Field(description="The CloudEvents attributes.")
    event: dict[str, Any] | None = Field(description="What the event says; null where that is no JSON object.")
    value: str = Field(description="The event as it was published, to the letter.")
    behind: list[str] = Field(description="The parked events of its key that wait behind it, in order.")


class DeadLetterResolution(BaseModel, extra="forbid"):
    reason: str = Field(min_length=1, max_length=4_000, description="Kept with the event and in the audit trail.")


class Redriven(BaseModel):
    applied: list[str] = Field(description="The events that were applied, in order: all parked ones of the key.")


class Dropped(BaseModel):
    still_parked: list[str] = Field(description="The other events of its key; they wait until they are driven again or dropped too.")


async def redrive(session: Session, actor: Principal, consumer: Consumer, letter_id: int, reason: str) -> list[int]:
    """Apply what is parked under the key of a letter, and note who did; returns the ids.

    raises  Problem: not_found where it is not parked, still_not_applicable; an outage as it is
    """
    try:
        applied = await consumer.redrive(session, letter_id, reason)
    except Problem:
        raise
    except Exception as error:
        if is_outage(error) or sql_state(error) in RETRIED_STATES:
            raise
        raise Problem(STILL_NOT_APPLICABLE, f"It could not be applied and stays parked: {error!r}"[:2_000]) from error
    await audit.record(session, actor, "redrive_dead_letter", f"dead letter {letter_id}", after={"applied": applied}, reason=reason)
    return applied


async def drop(session: Session, actor: Principal, letter_id: int, reason: str) -> list[int]:
    """Give a parked event up, and note who did; returns the ids of its key that stay parked. Raises not_found where it is not parked."""
    still_parked = await dead_letters.drop(session, letter_id, reason)
    await audit.record(session, actor, "drop_dead_letter", f"dead letter {letter_id}", after={"still_parked": still_parked}, reason=reason)
    return still_parked


def router_of(name: str) -> APIRouter:
    """The operations of the service `name`; a name in each, so that they stand side by side in one document."""
    router = APIRouter(route_class=Edge, tags=["operations"])
    root = f"/v1/services/{name}"
    letters = f"{root}/dead-letters"

    @router.get(root, name=f"get_state_of_{name}")
    async def get_state(request: Request, principal: Watcher, session: InTransaction) -> ServiceState:
        """Whether the service takes requests, and if not, why; and how many events it could not apply."""
        service = request.app.state.service
        reason = await service.not_ready_because()
        parked = await dead_letters.count_parked(session) if reason is None and _sees_all(principal) else None
        return ServiceState(name=name, version=service.ground.version, ready=not reason, not_ready_because=reason, parked_events=parked)

    @router.get(letters, name=f"list_dead_letters_of_{name}")
    async def list_letters(
        request: Request,
        principal: Watcher,
        session: InTransaction,
        topic: Annotated[str | None, Query(max_length=200)] = None,
        key: Annotated[str | None, Query(max_length=500)] = None,
        state: DeadLetterState | None = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> DeadLetterPage:
        """The events that could not be applied, in the order in which they were parked; those that were resolved too."""
        _refuse_narrowed(principal)
        cursors: Cursors = request.app.state.cursors
        (after,) = cursors.read(request, cursor) or [0]
        found = await dead_letters.page(session, after, limit + 1, topic=topic, key=key, state=state)
        page, following = page_of(request, found, limit, lambda letter: [letter.id])
        return DeadLetterPage(items=[DeadLetter(**_shape(letter)) for letter in page], next=following, self=here(request))

    @router.get(f"{letters}/{{letter_id}}", name=f"get_dead_letter_of_{name}")
    async def get_letter(letter_id: LetterId, principal: Watcher, session: InTransaction) -> DeadLetterWithEvent:
        """An event that could not be applied, whole, and what waits behind it."""
        _refuse_narrowed(principal)
        letter = await dead_letters.one(session, int(letter_id))
        behind = await dead_letters.behind(session, letter.id)
        whole = _shape(letter) | {"headers": letter.headers, "event": document_of(letter), "value": letter.value}
        return DeadLetterWithEvent(**whole, behind=[str(number) for number in behind])

    @router.post(f"{letters}/{{letter_id}}/redrives", name=f"redrive_dead_letter_of_{name}", status_code=201)
    async def redrive_letter(
        letter_id: LetterId, body: DeadLetterResolution, request: Request, response: Response, actor: Mender, session: InTransaction
    ) -> Redriven:
        """Apply a parked event again, with all that are parked under its key, in order: all of them or none."""
        _refuse_narrowed(actor)
        applied = await redrive(session, actor, request.app.state.service.consumer, int(letter_id), body.reason)
        response.headers["Location"] = f"{letters}/{letter_id}"
        return Redriven(applied=[str(number) for number in applied])

    @router.post(f"{letters}/{{letter_id}}/drops", name=f"drop_dead_letter_of_{name}", status_code=201)
    async def drop_letter(
        letter_id: LetterId, body: DeadLetterResolution, response: Response, actor: Mender, session: InTransaction
    ) -> Dropped:
        """Never apply a parked event. What it said is lost to this service, unless a later event says it again."""
        _refuse_narrowed(actor)
        still_parked = await drop(session, actor, int(letter_id), body.reason)
        response.headers["Location"] = f"{letters}/{letter_id}"
        return Dropped(still_parked=[str(number) for number in still_parked])

    return router


def document_of(letter: Letter) -> dict[str, Any] | None:
    """What the event says; None where that is no JSON object: such a one is parked as well."""
    try:
        document = json.loads(letter.value)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _sees_all(principal: Principal) -> bool:
    return not (principal.entity_ids or principal.source_systems or principal.supplier_id)


def _refuse_narrowed(principal: Principal) -> None:
    if not _sees_all(principal):
        raise Problem(FORBIDDEN, "Events hold facts of the whole group: a client that is narrowed does not see them.")


def _shape(letter: Letter) -> dict[str, Any]:
    return {
        "id": str(letter.id),
        "topic": letter.topic,
        "key": letter.key,
        "event_id": letter.headers.get("ce_id"),
        "partition": letter.partition,
        "position": letter.position,
        "state": letter.state,
        "reason": letter.reason,
        "resolution": letter.resolution,
        "parked_at": letter.parked_at,
    }

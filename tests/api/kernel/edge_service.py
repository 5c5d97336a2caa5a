"""A service whose operations show what the edge does: notes are written, listed and changed, and a request can say how it shall end."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import text

from kernel.auth import Principal, requires
from kernel.database import Session
from kernel.edge import keep_no_answer, session_of
from kernel.pages import Cursor, Limit, Page, page_of
from kernel.preconditions import require_match, set_etag
from kernel.problems import CONFLICT, Problem, refused
from kernel.service import Ground, Service, create_service
from kernel.service import router as edge_router

router: APIRouter = edge_router("notes")
READ, WRITE = "activities:read", "activities:write"


class Inner(BaseModel, extra="forbid"):
    value: str = Field(pattern=r"^\d+$")


class NoteIn(BaseModel, extra="forbid"):
    """`then` says how the request ends after it wrote its note."""

    said: str
    then: Literal["answer", "refuse", "conflict", "fail", "answer_long", "answer_secret", "wait"] = "answer"
    inner: list[Inner] = []


class NoteOut(BaseModel):
    id: int
    said: str
    padding: str


class Notes(Page):
    items: list[NoteOut]


@router.post("/v1/notes", status_code=201)
async def write_note(
    body: NoteIn,
    request: Request,
    response: Response,
    principal: Annotated[Principal, Depends(requires(WRITE))],
    session: Annotated[Session, Depends(session_of)],
) -> NoteOut:
    number = await session.scalar(text("INSERT INTO note (said) VALUES (:said) RETURNING id"), {"said": body.said})
    if body.then == "refuse":
        raise refused("/said", "refused", "It was refused after it was written.", "Say something else.")
    if body.then == "conflict":
        raise Problem(CONFLICT, "It stands in the way.", extra={"state": "open"})
    if body.then == "fail":
        raise RuntimeError("a mistake of ours, with a secret in its message")
    if body.then == "answer_secret":
        keep_no_answer(request)
    if body.then == "wait":
        request.app.state.waiting.set()
        await request.app.state.go_on.wait()
    response.headers["Location"] = f"/v1/notes/{number}"
    return NoteOut(id=number, said=body.said, padding="x" * 70_000 if body.then == "answer_long" else "")


@router.get("/v1/notes")
async def list_notes(
    request: Request,
    principal: Annotated[Principal, Depends(requires(READ))],
    session: Annotated[Session, Depends(session_of)],
    limit: Limit = 100,
    cursor: Cursor = None,
    said: str | None = None,
) -> Notes:
    after = request.app.state.cursors.read(request, cursor) or [0]
    rows = await session.execute(
        text("SELECT id, said FROM note WHERE id > :after AND (said = :said OR cast(:said AS text) IS NULL) ORDER BY id LIMIT :limit"),
        {"after": after[0], "said": said, "limit": limit + 1},
    )
    page, following = page_of(request, list(rows), limit, lambda row: [row.id])
    return Notes(items=[NoteOut(id=row.id, said=row.said, padding="") for row in page], next=following, self=str(request.url.path))


@router.get("/v1/others")
async def list_others(
    request: Request, principal: Annotated[Principal, Depends(requires(READ))], cursor: Cursor = None
) -> dict[str, list[Any] | None]:
    return {"position": request.app.state.cursors.read(request, cursor)}


@router.patch("/v1/notes/{number}")
async def change_note(
    number: int,
    body: NoteIn,
    request: Request,
    response: Response,
    principal: Annotated[Principal, Depends(requires(WRITE))],
    session: Annotated[Session, Depends(session_of)],
) -> dict[str, int]:
    require_match(request, 3)
    await session.execute(text("UPDATE note SET said = :said WHERE id = :number"), {"said": body.said, "number": number})
    set_etag(response, 4)
    return {"version": 4}


@router.get("/v1/open")
async def read_open() -> dict[str, str]:
    return {"open": "to everyone"}


def assemble(ground: Ground) -> Service:
    service = create_service("alpha", ground, [router])
    service.app.state.waiting = asyncio.Event()
    service.app.state.go_on = asyncio.Event()
    return service

"""Idempotency-Key: the answer to a request is stored in the transaction of its work and given again to its retries.

Whether the same request is in progress is asked of a try-lock: a second insert of one unique key would wait instead of answering.

source  IETF draft-ietf-httpapi-idempotency-key-header-07
"""

import hashlib
import json
from dataclasses import dataclass

from fastapi import Request, Response
from sqlalchemy import Connection, text

from kernel.database import AnsweredWithoutCommit, Session
from kernel.problems import IN_PROGRESS, KEY_REUSED, Problem, refused

LARGEST_STORED_ANSWER = 64 * 1024
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request with a key: key, principal and route identify it, the fingerprint tells whether it is the same."""

    key: str
    principal: str
    route: str
    fingerprint: str

    def open(self, connection: Connection) -> None:
        """Directly after the transaction opened: raise with the stored answer or a problem, or return as the only one who works on it."""
        name = f"{self.key}\n{self.principal}\n{self.route}"
        if not connection.scalar(text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 1))"), {"name": name}):
            raise Problem(IN_PROGRESS, "A request with this Idempotency-Key is in progress.", headers={"Retry-After": "1"})
        stored = connection.execute(
            text(
                "SELECT fingerprint, status, headers, body FROM idempotent_answer"
                " WHERE key = :key AND principal = :principal AND route = :route"
            ),
            {"key": self.key, "principal": self.principal, "route": self.route},
        ).one_or_none()
        if stored is None:
            return
        if stored.fingerprint != self.fingerprint:
            raise Problem(KEY_REUSED, "This Idempotency-Key was used for a request with other content.")
        replayed = stored.headers | {"Idempotency-Replayed": "true"}
        raise AnsweredWithoutCommit(Response(stored.body, stored.status, headers=replayed))

    async def store(self, session: Session, response: Response) -> None:
        """Keep the answer; a long one is not kept, its request runs again and the business keys answer `unchanged`."""
        if len(response.body) > LARGEST_STORED_ANSWER:
            return
        kept = {name: value for name, value in response.headers.items() if name.lower() in ("content-type", "location", "etag")}
        await session.execute(
            text(
                "INSERT INTO idempotent_answer (key, principal, route, fingerprint, status, headers, body)"
                " VALUES (:key, :principal, :route, :fingerprint, :status, cast(:headers AS jsonb), :body)"
            ),
            {
                "key": self.key,
                "principal": self.principal,
                "route": self.route,
                "fingerprint": self.fingerprint,
                "status": response.status_code,
                "headers": json.dumps(kept),
                "body": bytes(response.body).decode(),
            },
        )


async def idempotent_request(request: Request, principal: str) -> IdempotentRequest | None:
    """The request's key, with or without quotes; None without one. Raises a problem for a key that is empty or too long."""
    header = request.headers.get("idempotency-key")
    if header is None or request.method != "POST":
        return None
    key = header.strip().strip('"')
    if not key or len(key) > LONGEST_KEY:
        raise refused("/Idempotency-Key", "malformed", f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.")
    content = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode() + await request.body())
    return IdempotentRequest(key, principal, request.url.path, content.hexdigest())

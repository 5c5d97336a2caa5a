"""Audit lines: who changed what, when and why, written in the transaction of the change; a refused write leaves one too."""

import json
from typing import Any

from pydantic import BaseModel
from sqlalchemy import text

from kernel.auth import Principal
from kernel.database import Session
from kernel.telemetry import current_trace_id

_INSERT = text(
    "INSERT INTO audit (principal, action, subject, outcome, reason, before, after, trace_id)"
    " VALUES (:principal, :action, :subject, :outcome, :reason, cast(:before AS jsonb), cast(:after AS jsonb), :trace_id)"
)

Content = BaseModel | dict[str, Any] | None


async def record(
    session: Session,
    actor: Principal,
    action: str,
    subject: str,
    *,
    before: Content = None,
    after: Content = None,
    reason: str | None = None,
) -> None:
    """Record a change; `action` is the operation's name, `subject` the kind and id of what changed."""
    await session.execute(
        _INSERT,
        {
            "principal": actor.client_id,
            "action": action,
            "subject": subject,
            "outcome": "done",
            "reason": reason,
            "before": _as_json(before),
            "after": _as_json(after),
            "trace_id": current_trace_id(),
        },
    )


async def record_refusal(session: Session, actor: Principal, action: str, subject: str, reason: str) -> None:
    """Record a refused write; what of its reason cannot be stored, because the request said it, is replaced."""
    await session.execute(
        _INSERT,
        {
            "principal": actor.client_id,
            "action": action,
            "subject": subject,
            "outcome": "refused",
            "reason": reason.replace("\x00", "\N{REPLACEMENT CHARACTER}"),
            "before": None,
            "after": None,
            "trace_id": current_trace_id(),
        },
    )


def _as_json(content: Content) -> str | None:
    if content is None:
        return None
    return content.model_dump_json() if isinstance(content, BaseModel) else json.dumps(content, default=str)

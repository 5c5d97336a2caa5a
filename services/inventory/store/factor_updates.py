"""Factor updates in the database: what is proposed, what was decided, and what each would change."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.factor_questions import Resolution
from kernel.auth import Principal
from kernel.database import Session
from kernel.identifiers import uuid7
from kernel.postgres import driver
from kernel.problems import not_found
from services.inventory.domain.bindings import Combination
from services.inventory.domain.factor_updates import Change, Choice, Pair, Proposal
from services.inventory.store.narrowing import visible_entities

_NAME = "factor updates"

# What of an update concerns a record that the principal sees; $1 are its entities, $2 its source systems, null where all are seen.
_SEEN = """
(($1::uuid[] IS NULL AND $2::text[] IS NULL) OR EXISTS (
    SELECT FROM activity LEFT JOIN site ON site.id = activity.site_id
    WHERE activity.activity_type = bound.activity_type AND activity.counted_revision IS NOT NULL
      AND activity.period_start < make_date(bound.year + 1, 1, 1) AND activity.period_end > make_date(bound.year, 1, 1)
      AND activity.combinations
          @> jsonb_build_array(jsonb_build_array(bound.activity_type, bound.region, bound.year, bound.unit, bound.method))
      AND ($1::uuid[] IS NULL OR site.entity_id = ANY($1::uuid[]))
      AND ($2::text[] IS NULL OR activity.source_system = ANY($2::text[]))))
"""

_LISTED = f"""
SELECT factor_update.*, job.state AS job_state, job.result AS job_result, job.error AS job_error, part.bindings, part.activity_types
FROM factor_update LEFT JOIN job ON job.id = factor_update.recount_job
JOIN LATERAL (
    SELECT count(*) AS bindings, array_agg(DISTINCT activity_type ORDER BY activity_type) AS activity_types
    FROM factor_update_change JOIN factor_binding AS bound ON bound.id = binding_id
    WHERE update_id = factor_update.id AND {_SEEN}) AS part ON part.bindings > 0
"""

_ANSWERS = f"""
SELECT activity_type, region, year, unit, method, stage, number, bound.answer AS kept, change.answer AS answered
FROM factor_update_change AS change JOIN factor_binding AS bound ON bound.id = binding_id
WHERE {_SEEN} AND update_id = $3 ORDER BY activity_type, region, year, unit, method, stage
"""

_CHANGES = """
SELECT change.* FROM factor_update_change AS change JOIN factor_update ON factor_update.id = update_id WHERE factor_update.state = $1
"""

_PROPOSE = """
INSERT INTO factor_update (id, kind, state, from_dataset, to_dataset, to_factor, proposed_at, version)
VALUES ($1, $2, 'proposed', $3, $4, $5, clock_timestamp(), 1)
"""

_PROPOSE_CHANGES = """
INSERT INTO factor_update_change
    (update_id, binding_id, from_factor, from_dataset, from_ratio, to_factor, to_dataset, to_ratio, answer)
SELECT $1, given.* FROM json_to_recordset($2) AS given(
    binding_id uuid, from_factor text, from_dataset text, from_ratio text, to_factor text, to_dataset text, to_ratio text, answer jsonb)
"""


@dataclass(frozen=True, slots=True)
class Sight:
    """What records somebody sees: those of sites of these entities, of these source systems; None for all."""

    entities: frozenset[UUID] | None
    source_systems: tuple[str, ...] | None

    @property
    def parameters(self) -> tuple[list[UUID] | None, list[str] | None]:
        systems = None if self.source_systems is None else list(self.source_systems)
        return None if self.entities is None else list(self.entities), systems


EVERYTHING = Sight(None, None)


async def sight_of(session: Session, principal: Principal) -> Sight:
    """What a principal sees."""
    return Sight(await visible_entities(session, principal), principal.source_systems or None)


async def lock_proposals(session: Session) -> None:
    """Held by whoever proposes until its commit: one does so at a time, and no open update is decided meanwhile."""
    connection = await driver(session)
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", _NAME)
    await connection.execute("SELECT id FROM factor_update WHERE state = 'proposed' ORDER BY id FOR UPDATE")


async def proposed(session: Session) -> dict[UUID, frozenset[Change]]:
    """The open updates with their changes."""
    updates: dict[UUID, set[Change]] = {}
    for row in await _changes(session, "proposed"):
        updates.setdefault(row["update_id"], set()).add(_change(row))
    return {update: frozenset(changes) for update, changes in updates.items()}


async def declined_pairs(session: Session) -> frozenset[Pair]:
    """What was declined, which is not proposed again."""
    return frozenset(_change(row).pair for row in await _changes(session, "declined"))


async def _changes(session: Session, state: str) -> list[Any]:
    connection = await driver(session)
    rows: list[Any] = await connection.fetch(_CHANGES, state)
    return rows


def _change(row: Any) -> Change:
    after = None if row["to_factor"] is None else Choice(row["to_factor"], row["to_dataset"], row["to_ratio"])
    return Change(row["binding_id"], Choice(row["from_factor"], row["from_dataset"], row["from_ratio"]), after)


async def propose(session: Session, proposal: Proposal, answers: Mapping[UUID, Resolution]) -> UUID:
    """Keep a new update with the answers that would take the place of its bindings, in that of the updates that it overtakes."""
    update_id, occasion = uuid7(), proposal.occasion
    connection = await driver(session)
    await connection.execute(_PROPOSE, update_id, occasion.kind, occasion.from_dataset, occasion.to_dataset, occasion.to_factor)
    changes = [_as_json(change, answers[change.binding]) for change in proposal.changes]
    await connection.execute(_PROPOSE_CHANGES, update_id, json.dumps(changes))
    await overtake(session, proposal.overtakes, update_id)
    return update_id


def _as_json(change: Change, answer: Resolution) -> dict[str, Any]:
    before, after = change.before, change.after
    return {
        "binding_id": str(change.binding),
        "from_factor": before.factor,
        "from_dataset": before.dataset,
        "from_ratio": before.ratio,
        "to_factor": after and after.factor,
        "to_dataset": after and after.dataset,
        "to_ratio": after and after.ratio,
        "answer": answer.model_dump(mode="json"),
    }


async def overtake(session: Session, updates: Collection[UUID], overtaken_by: UUID | None) -> None:
    """Close open updates that no longer say what the catalogue answers; the first that takes the place of one is remembered."""
    connection = await driver(session)
    await connection.execute(
        "UPDATE factor_update SET state = 'overtaken', overtaken_by = $2, decided_at = clock_timestamp(), version = version + 1"
        " WHERE id = ANY($1::uuid[]) AND state = 'proposed'",
        list(updates),
        overtaken_by,
    )


async def lock(session: Session, update_id: UUID) -> str:
    """The state of an update, whose row is held until the transaction ends; raises 404."""
    connection = await driver(session)
    state: str | None = await connection.fetchval("SELECT state FROM factor_update WHERE id = $1 FOR UPDATE", update_id)
    if state is None:
        raise not_found("factor update with this id")
    return state


async def accept(session: Session, update_id: UUID, by: str, reason: str, recount_job: UUID) -> None:
    """Write the acceptance of a locked update, in the order of acceptances, which the period lock keeps."""
    connection = await driver(session)
    await connection.execute(
        "UPDATE factor_update SET state = 'accepted', decided_at = clock_timestamp(), decided_by = $2, reason = $3, recount_job = $4,"
        " accepted_as = (SELECT coalesce(max(accepted_as), 0) + 1 FROM factor_update), version = version + 1 WHERE id = $1",
        update_id,
        by,
        reason,
        recount_job,
    )


async def count_anew(session: Session, update_id: UUID, recount_job: UUID) -> None:
    """Let another job be the recount of a locked update."""
    connection = await driver(session)
    await connection.execute("UPDATE factor_update SET recount_job = $2, version = version + 1 WHERE id = $1", update_id, recount_job)


async def decline(session: Session, update_id: UUID, by: str, reason: str) -> None:
    """Write the refusal of a locked update."""
    connection = await driver(session)
    await connection.execute(
        "UPDATE factor_update SET state = 'declined', decided_at = clock_timestamp(), decided_by = $2, reason = $3,"
        " version = version + 1 WHERE id = $1",
        update_id,
        by,
        reason,
    )


async def page(session: Session, sight: Sight, states: Sequence[str], after: UUID | None, limit: int) -> list[Any]:
    """Updates in the order in which they were proposed, those after `after`; of any state where none is named."""
    connection = await driver(session)
    rows: list[Any] = await connection.fetch(
        f"{_LISTED} WHERE ($3::text[] = '{{}}' OR factor_update.state = ANY($3::text[])) AND ($4::uuid IS NULL OR factor_update.id > $4)"
        " ORDER BY factor_update.id LIMIT $5",
        *sight.parameters,
        list(states),
        after,
        limit,
    )
    return rows


async def read(session: Session, sight: Sight, update_id: UUID) -> Any:
    """An update as a list shows it; raises 404 where nothing of it is seen."""
    connection = await driver(session)
    row = await connection.fetchrow(f"{_LISTED} WHERE factor_update.id = $3", *sight.parameters, update_id)
    if row is None:
        raise not_found("factor update with this id")
    return row


async def answers(session: Session, sight: Sight, update_id: UUID) -> list[tuple[Combination, int, Resolution, Resolution]]:
    """What an update would replace: combination, the number of its binding, the kept answer, and the one that would take its place."""
    connection = await driver(session)
    rows = await connection.fetch(_ANSWERS, *sight.parameters, update_id)
    return [
        (Combination(*row[:6]), row["number"], Resolution.model_validate(row["kept"]), Resolution.model_validate(row["answered"]))
        for row in rows
    ]

"""The impact of a factor update before it is accepted: what its recount would do to each cell, to the milligram."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ghg.errors import GhgError
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import FORBIDDEN, Problem, refused
from services.inventory.domain.bindings import bind
from services.inventory.domain.cells import Bindings
from services.inventory.domain.update_impact import Move, Moves
from services.inventory.store import affected_activities, bindings, factor_updates, organisation
from services.inventory.store.activities import StoredActivity
from services.inventory.store.affected_activities import ClosedInventory
from services.inventory.store.cells import of_ids
from services.inventory.store.factor_updates import EVERYTHING
from services.inventory.store.narrowing import visible_entities
from services.inventory.usecases.counting import recounted

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Impact:
    """What would move, each move with its cell; and what would not, because its period is closed."""

    gwp_set: str
    moves: Sequence[tuple[Any, Move]]
    closed_records: int
    closed: Sequence[ClosedInventory]


async def preview_factor_update(session: Session, principal: Principal, update_id: UUID) -> Impact:
    """The impact on what the principal may see, under the organisation's GWP set; all figures of one moment.

    raises  Problem: not_found; forbidden for a client narrowed to source systems
    """
    if principal.source_systems:
        raise Problem(
            FORBIDDEN, "Figures are kept by site, not by source system: a client narrowed to source systems has no impact of them."
        )
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})  # one moment for all that is read here
    await factor_updates.read(session, await factor_updates.sight_of(session, principal), update_id)  # refuses an unknown one
    proposed = {
        combination: bind(combination, answered, number + 1)
        for combination, number, _, answered in await factor_updates.answers(session, EVERYTHING, update_id)
    }
    visible = await visible_entities(session, principal)
    gwp_set = await organisation.gwp_set(session)
    moves = await _moves(session, update_id, visible, proposed, gwp_set)
    cells = {cell["id"]: cell for cell in await of_ids(session, [move.cell for move in moves])}
    closed_records, closed = await affected_activities.closed_of_update(session, update_id, visible)
    placed = sorted(((cells[move.cell], move) for move in moves), key=_order)
    return Impact(gwp_set, placed, closed_records, closed)


async def _moves(session: Session, update_id: UUID, visible: frozenset[UUID] | None, proposed: Bindings, gwp_set: str) -> list[Move]:
    moves = Moves(gwp_set)
    known: Bindings = {}
    async for records in affected_activities.open_of_update(session, update_id, visible, AT_ONCE):
        others = {combination for record in records for combination in record.combinations} - known.keys() - proposed.keys()
        known |= {binding.combination: binding for binding in await bindings.read_current(session, sorted(others))}
        await asyncio.to_thread(_add, moves, records, known | proposed)
    return moves.all()


def _add(moves: Moves, records: Sequence[StoredActivity], factors: Bindings) -> None:
    for record in records:
        try:
            then = recounted(record, record.item_code, factors)
        except GhgError as error:
            raise refused("", error.code, f"{record.external_id!r:.120}: {error}", error.hint or None) from error
        moves.add(record.contributions, then.contributions, has_figure=then.calculation_state == "calculated")


def _order(placed: tuple[Any, Move]) -> tuple[Any, ...]:
    cell, move = placed
    return (
        cell["site"],
        cell["category"],
        cell["activity_type"],
        cell["segment_start"],
        cell["method"],
        cell["factor_id"],
        move.to_factor or "",
    )

"""Bring an inventory to another state: submit it, approve it, or open it again."""

from dataclasses import asdict
from uuid import UUID

from contracts.topics import INVENTORY
from kernel import audit, jobs, outbox
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import Problem
from services.inventory.domain.inventory_states import CLOSED_STATES, Step
from services.inventory.problems import RECOUNT_UNDER_WAY
from services.inventory.store import activity_lists, affected_activities, inventories, organisation, period_lock, versioned_rows
from services.inventory.tables import Inventory
from services.inventory.usecases.create_inventory import refuse_narrowed
from services.inventory.usecases.freeze_inventory import freeze_inventory, thaw_inventory
from services.inventory.usecases.recount import ASK_AGAIN
from services.inventory.usecases.recount_replaced import RECOUNT_REPLACED


async def transition_inventory(session: Session, actor: Principal, inventory_id: UUID, step: Step) -> Inventory:
    """The inventory in its next state. On approval its figures are consolidated and kept; going back to open lets them go.

    raises  Problem: for what services.inventory.domain.inventory_states refuses; recount_under_way
    """
    refuse_narrowed(actor)
    await period_lock.hold(session)
    inventory = await inventories.get(session, inventory_id, locked=True)
    told = inventories.event_of(inventory)
    standing = inventories.standing_of(inventory).after(step, actor, await organisation.today(session))
    await inventories.add_transition(session, inventory, standing, step.reason, actor.client_id)
    if standing.state == "approved":
        await _refuse_while_recounted(session, inventory)
    was_closed = inventory.state in CLOSED_STATES
    inventory = await versioned_rows.change(session, inventory, asdict(standing))
    if standing.state == "approved":
        await freeze_inventory(session, inventory)
    elif was_closed:
        await thaw_inventory(session, inventory)
        await _ask_for_factors_published_meanwhile(session, inventory)
        await _take_up_updates_accepted_meanwhile(session, inventory)
    event = inventories.event_of(inventory)
    outbox.record(session, INVENTORY.name, event.id, event)
    subject = f"inventory {inventory.id}"
    await audit.record(session, actor, "transition_inventory", subject, before=told, after=event, reason=step.reason)
    return inventory


async def _refuse_while_recounted(session: Session, inventory: Inventory) -> None:
    """Half of the records with one factor and half with the next would stay so for good."""
    behind = await affected_activities.activity_types_behind_within(session, inventory.period_start, inventory.period_end)
    if behind:
        detail = f"Records of {', '.join(behind[:5])} have not yet got the factors of an accepted update."
        raise Problem(RECOUNT_UNDER_WAY, detail, headers={"Retry-After": "2"})


async def _take_up_updates_accepted_meanwhile(session: Session, inventory: Inventory) -> None:
    behind = await affected_activities.activity_types_behind_within(session, inventory.period_start, inventory.period_end)
    if behind:
        await jobs.enqueue(session, RECOUNT_REPLACED, {"activity_types": behind})


async def _ask_for_factors_published_meanwhile(session: Session, inventory: Inventory) -> None:
    without = await activity_lists.activity_types_without_factor(session, inventory.period_start, inventory.period_end)
    if without:
        await jobs.enqueue(session, ASK_AGAIN, {"activity_types": without})

"""Bring an inventory to another state: submit it, approve it, or open it again."""

from dataclasses import asdict
from uuid import UUID

from contracts.topics import INVENTORY
from kernel import audit, jobs, outbox
from kernel.auth import Principal
from kernel.database import Session
from services.inventory.domain.inventory_states import CLOSED_STATES, Step
from services.inventory.store import activity_lists, inventories, organisation, period_lock, versioned_rows
from services.inventory.tables import Inventory
from services.inventory.usecases.create_inventory import refuse_narrowed
from services.inventory.usecases.freeze_inventory import freeze_inventory, thaw_inventory
from services.inventory.usecases.recount import ASK_AGAIN


async def transition_inventory(session: Session, actor: Principal, inventory_id: UUID, step: Step) -> Inventory:
    """The inventory in its next state. On approval its figures are consolidated and kept; going back to open lets them go.

    raises  Problem, for what services.inventory.domain.inventory_states refuses
    """
    refuse_narrowed(actor)
    await period_lock.hold(session)
    inventory = await inventories.get(session, inventory_id, locked=True)
    told = inventories.event_of(inventory)
    standing = inventories.standing_of(inventory).after(step, actor, await organisation.today(session))
    await inventories.add_transition(session, inventory, standing, step.reason, actor.client_id)
    was_closed = inventory.state in CLOSED_STATES
    inventory = await versioned_rows.change(session, inventory, asdict(standing))
    if standing.state == "approved":
        await freeze_inventory(session, inventory)
    elif was_closed:
        await thaw_inventory(session, inventory)
        await _ask_for_factors_published_meanwhile(session, inventory)
    event = inventories.event_of(inventory)
    outbox.record(session, INVENTORY.name, event.id, event)
    subject = f"inventory {inventory.id}"
    await audit.record(session, actor, "transition_inventory", subject, before=told, after=event, reason=step.reason)
    return inventory


async def _ask_for_factors_published_meanwhile(session: Session, inventory: Inventory) -> None:
    without = await activity_lists.activity_types_without_factor(session, inventory.period_start, inventory.period_end)
    if without:
        await jobs.enqueue(session, ASK_AGAIN, {"activity_types": without})

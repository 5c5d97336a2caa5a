"""Change how an open inventory counts: its period, approach and GWP set."""

from dataclasses import asdict, replace

from contracts.topics import INVENTORY
from kernel import audit, outbox
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import CONFLICT, Problem, refused
from services.inventory.domain.inventory_content import InventoryContent, refuse_wrong_period
from services.inventory.store import inventories, versioned_rows
from services.inventory.tables import Inventory
from services.inventory.usecases.create_inventory import refuse_narrowed


async def change_inventory(session: Session, actor: Principal, inventory: Inventory, content: InventoryContent) -> Inventory:
    """The locked inventory with its new content; the same content changes nothing.

    raises  Problem: conflict unless it is open; immutable for another business key; a wrong period at its field
    """
    refuse_narrowed(actor)
    before = inventories.content_of(inventory)
    content = replace(content, gwp_set=content.gwp_set or before.gwp_set)
    if content == before:
        return inventory
    if (content.year, content.name) != (before.year, before.name):
        pointer = "/year" if content.year != before.year else "/name"
        raise refused(pointer, "immutable", "Year and name are the business key of an inventory; they do not change.")
    if inventory.state != "open":
        raise Problem(CONFLICT, f"The inventory is {inventory.state}; it changes only while it is open.")
    refuse_wrong_period(content)
    told = inventories.event_of(inventory)
    changed = await versioned_rows.change(session, inventory, asdict(content))
    event = inventories.event_of(changed)
    outbox.record(session, INVENTORY.name, event.id, event)
    await audit.record(session, actor, "change_inventory", f"inventory {changed.id}", before=told, after=event)
    return changed

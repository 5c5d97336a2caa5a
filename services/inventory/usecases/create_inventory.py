"""Open an inventory of a period."""

from dataclasses import asdict, replace

from contracts.topics import INVENTORY
from kernel import audit, outbox
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import FORBIDDEN, USE_PATCH, Problem
from services.inventory.domain.inventory_content import InventoryContent, refuse_wrong_period
from services.inventory.store import inventories, organisation, versioned_rows
from services.inventory.tables import Inventory


async def create_inventory(session: Session, actor: Principal, content: InventoryContent) -> tuple[Inventory, bool]:
    """The inventory with this content, and whether it is new; a new one is open from today on.

    raises  Problem: use_patch if it exists with other content; a wrong period at its field; forbidden for a narrowed client
    """
    refuse_narrowed(actor)
    refuse_wrong_period(content)
    existing = await _existing(session, content)
    if existing is not None:
        return existing, False
    values = asdict(content) | {
        "gwp_set": content.gwp_set or await organisation.gwp_set(session),
        "state": "open",
        "effective_on": await organisation.today(session),
    }
    inventory = await versioned_rows.create(session, Inventory, ("year", "name"), values)
    if inventory is None:  # another request created it meanwhile
        existing = await _existing(session, content)
        assert existing is not None
        return existing, False
    event = inventories.event_of(inventory)
    outbox.record(session, INVENTORY.name, event.id, event)
    await audit.record(session, actor, "create_inventory", f"inventory {inventory.id}", after=event)
    return inventory, True


def refuse_narrowed(actor: Principal) -> None:
    """An inventory is the whole group's: a client that sees a part of the group does not change it."""
    if actor.entity_ids or actor.source_systems:
        raise Problem(FORBIDDEN, "Inventories are the whole group's; a client narrowed to entities or source systems does not change them.")


async def _existing(session: Session, content: InventoryContent) -> Inventory | None:
    """The inventory of this business key if there is one with the same content; refuses another content."""
    inventory = await inventories.of_year(session, content.year, content.name)
    if inventory is None:
        return None
    stored = inventories.content_of(inventory)
    if stored != replace(content, gwp_set=content.gwp_set or stored.gwp_set):
        detail = f"Inventory {content.year} {content.name} exists with other content"
        raise Problem(USE_PATCH, f"{detail}; change it, while it is open, with PATCH /v1/inventories/{inventory.id}.")
    return inventory

"""What an inventory emitted, as reporting has heard of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ghg.totals import GroupKey, Method, Totals
from kernel.auth import Principal
from kernel.database import Session
from services.reporting.domain.books import Inventory
from services.reporting.domain.group import Visible
from services.reporting.problems import inventory_not_heard_of
from services.reporting.store.books import find_inventory, find_primary_inventory, read_books, read_consistently, read_group


@dataclass(frozen=True, slots=True)
class ReadEmissions:
    """Of the inventory with this id, else of the year's primary one; the year, where both are given, must be the inventory's."""

    year: int | None
    inventory_id: str | None
    group_by: Sequence[GroupKey]
    method: Method


async def read_emissions(session: Session, actor: Principal, question: ReadEmissions) -> tuple[Inventory, Totals]:
    """The totals of an inventory; a narrowed client's are those of its entities.

    raises  a 404 problem where no such inventory has been heard of
    """
    await read_consistently(session)
    inventory = await asked_inventory(session, question.year, question.inventory_id)
    if inventory is None:
        raise inventory_not_heard_of(_name(question))
    group = await read_group(session)
    books = await read_books(session, inventory, question.method, group, Visible.to(actor.entity_ids, group))
    return inventory, await asyncio.to_thread(books.totals, question.group_by)


async def asked_inventory(session: Session, year: int | None, inventory_id: str | None) -> Inventory | None:
    """The inventory of this id if it is of this year; without an id the year's primary one."""
    if inventory_id is not None:
        found = await find_inventory(session, inventory_id)
        return found if found is not None and year in (None, found.year) else None
    return None if year is None else await find_primary_inventory(session, year)


def _name(question: ReadEmissions) -> str:
    if question.inventory_id is None:
        return f"primary inventory of {question.year}"
    return f"inventory {question.inventory_id}" + ("" if question.year is None else f" of {question.year}")

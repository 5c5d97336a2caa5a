"""How far rows of the gateway's own tables reach, and which of them lie within what a client sees."""

from sqlalchemy import ColumnElement, and_, func
from sqlmodel import col

from gateway.tables import Client, Webhook
from kernel.auth import Principal


def within(actor: Principal, table: type[Client | Webhook]) -> list[ColumnElement[bool]]:
    """Conditions for the rows whose breadth lies within the actor's own."""
    conditions: list[ColumnElement[bool]] = []
    for column, own in ((col(table.entity_ids), actor.entity_ids), (col(table.source_systems), actor.source_systems)):
        if own:
            conditions.append(and_(func.cardinality(column) > 0, column.op("<@")(list(own))))
    if actor.supplier_id is not None:
        conditions.append(col(table.supplier_id) == actor.supplier_id)
    return conditions

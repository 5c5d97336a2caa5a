"""The topics: who owns each, who reads it, and which model its events have. `baseyear migrate` creates them from here."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from contracts import events


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic; `state` topics are kept for ever, `fact` topics for `retention_days`."""

    name: str
    owner: str
    key: str
    kind: Literal["state", "fact"]
    model: type[BaseModel]
    readers: tuple[str, ...]
    partitions: int = 12
    retention_days: int | None = None


CLIENT = Topic("baseyear.gateway.client.v1", "gateway", "client", "state", events.ClientChanged, ("factors", "inventory", "reporting"))
ORGANISATION = Topic(
    "baseyear.gateway.organisation.v1",
    "gateway",
    "organisation",
    "state",
    events.OrganisationChanged,
    ("inventory", "reporting", "gateway"),
)
ACTIVITY_TYPE = Topic(
    "baseyear.factors.activity-type.v1", "factors", "activity type", "state", events.ActivityTypePublished, ("inventory", "reporting")
)
DATASET = Topic(
    "baseyear.factors.dataset.v1", "factors", "dataset", "state", events.DatasetPublished, ("inventory", "reporting", "gateway")
)
FACTOR = Topic("baseyear.factors.factor.v1", "factors", "factor", "state", events.FactorPublished, ("inventory", "reporting"))
ENTITY = Topic("baseyear.inventory.entity.v1", "inventory", "entity", "state", events.EntityChanged, ("reporting", "gateway"))
SITE = Topic("baseyear.inventory.site.v1", "inventory", "site", "state", events.SiteChanged, ("reporting", "gateway"))
INVENTORY = Topic("baseyear.inventory.inventory.v1", "inventory", "inventory", "state", events.InventoryChanged, ("reporting", "gateway"))
CELL = Topic("baseyear.inventory.cell.v1", "inventory", "cell", "state", events.CellChanged, ("reporting",))
APPROVED_CELL = Topic(
    "baseyear.inventory.approved-cell.v1", "inventory", "inventory and cell", "state", events.ApprovedCellChanged, ("reporting",)
)
INTAKE = Topic(
    "baseyear.inventory.intake.v1", "inventory", "source system", "fact", events.IntakeRecorded, ("reporting", "gateway"), retention_days=30
)

TOPICS = (CLIENT, ORGANISATION, ACTIVITY_TYPE, DATASET, FACTOR, ENTITY, SITE, INVENTORY, CELL, APPROVED_CELL, INTAKE)

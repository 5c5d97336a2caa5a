"""The organisation's entities and sites as the read model has heard of them, and what the group takes of each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from ghg.consolidation import ConsolidationApproach, ConsolidationTree, ControlInterval, GroupEntity, OwnershipInterval


@dataclass(frozen=True, slots=True)
class Organisation:
    name: str
    responsible: str | None
    time_zone: str


@dataclass(frozen=True, slots=True)
class Entity:
    """A legal entity; `parent` and the owners in `ownership` are entity ids."""

    id: str
    external_id: str
    name: str
    country: str
    parent: str | None
    ownership: tuple[OwnershipInterval, ...]
    control: tuple[ControlInterval, ...]

    @property
    def above(self) -> Iterator[str]:
        if self.parent is not None:
            yield self.parent
        yield from (interval.owner for interval in self.ownership if interval.owner is not None)


@dataclass(frozen=True, slots=True)
class Site:
    """`entity` is the id of the entity that the site belongs to now."""

    id: str
    external_id: str
    entity: str
    name: str
    region: str
    tenure: str


class Group:
    """What is known completely: an entity counts from when all above it are known, a site from when its entity is.

    Topics and keys arrive in any order, so a child may be heard of before its parent; until then its share cannot be told.
    raises  OwnershipCycle, InvalidOwnership from `ghg`, while only half of a change in the tree has arrived
    """

    def __init__(self, entities: Iterable[Entity], sites: Iterable[Site]) -> None:
        self.entities = {entity.id: entity for entity in _complete(entities)}
        self.sites = {site.id: site for site in sites if site.entity in self.entities}
        self._tree = ConsolidationTree(GroupEntity(e.id, e.parent, e.ownership, e.control) for e in self.entities.values())
        self._shares: dict[tuple[str, str, date], Fraction] = {}

    def share(self, entity: str, approach: ConsolidationApproach, day: date) -> Fraction:
        """What the group takes of an entity's emissions of a day."""
        key = (entity, approach, day)
        if key not in self._shares:
            self._shares[key] = self._tree.share(entity, approach, day)
        return self._shares[key]

    def at_or_below(self, entity_ids: Iterable[str]) -> frozenset[str]:
        """The entities of these ids and everything below them by parent."""
        found: frozenset[str] = frozenset()
        more = frozenset(entity_ids)
        while more:
            found |= more
            more = frozenset(entity.id for entity in self.entities.values() if entity.parent in more) - found
        return found


@dataclass(frozen=True, slots=True)
class Visible:
    """What a reader sees of the group: everything, or the entities that a client is narrowed to and all below them.

    entities  ids; None sees everything, also what belongs to no known site
    """

    entities: frozenset[str] | None

    @classmethod
    def to(cls, entity_ids: Iterable[str], group: Group) -> "Visible":
        """What a client sees that is narrowed to these entities; none narrows nothing."""
        listed = tuple(entity_ids)
        return cls(group.at_or_below(listed) if listed else None)

    def __contains__(self, entity: str | None) -> bool:
        return self.entities is None or entity in self.entities


def _complete(entities: Iterable[Entity]) -> list[Entity]:
    known = {entity.id: entity for entity in entities}
    while True:
        complete = {entity.id: entity for entity in known.values() if all(owner in known for owner in entity.above)}
        if len(complete) == len(known):
            return list(complete.values())
        known = complete

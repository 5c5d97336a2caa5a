"""A site as its owner describes it."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class SiteContent:
    """A site without its id and version, its entity named by its business key."""

    external_id: str
    entity_external_id: str
    name: str
    region: str
    grid_region: str | None
    timezone: str
    tenure: str

    def moves_from(self, before: "SiteContent") -> bool:
        """Whether records would be accounted elsewhere: to another entity, or with factors of another region."""
        return replace(before, name=self.name, timezone=self.timezone, tenure=self.tenure) != self

"""The organisational boundary of a report: which entities and sites are in it, and what the group takes of each."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from ghg.rounding import decimal_text
from services.reporting.domain.books import Books
from services.reporting.domain.missing_data import months_of
from services.reporting.domain.report_content import Boundary, Entity, Site


def boundary(books: Books) -> Boundary:
    """The entities that the reader may see and of which the group takes something in some month of the period, and their sites.

    Where a closed inventory has cells of an entity, its share and the sites' places are as they were approved.
    """
    group, shares = books.group, _shares(books)
    entity_of_site = {site.id: site.entity for site in group.sites.values()}
    if books.inventory.is_closed:
        entity_of_site |= {held.site_id: held.entity_id for held in books.cells if held.site_id and held.entity_id}
    inside = sorted((group.entities[entity] for entity in shares), key=lambda entity: entity.external_id)
    parents = {entity.id: entity.external_id for entity in group.entities.values() if entity.id in books.visible}
    return Boundary(
        consolidation_approach=books.inventory.consolidation_approach,
        entities=tuple(
            Entity(each.external_id, each.name, each.country, parents.get(each.parent or ""), _share_text(shares[each.id]))
            for each in inside
        ),
        sites=tuple(
            Site(site.external_id, site.name, group.entities[entity_of_site[site.id]].external_id, site.region, site.tenure)
            for site in sorted(group.sites.values(), key=lambda site: site.external_id)
            if entity_of_site[site.id] in shares
        ),
    )


def _shares(books: Books) -> dict[str, set[Fraction]]:
    """Entity → the shares that the group takes of it in the months of the period, without those of which it takes nothing."""
    inventory, found = books.inventory, defaultdict[str, set[Fraction]](set)
    if inventory.is_closed:
        for held in books.cells:
            if held.entity_id is not None:
                found[held.entity_id].add(held.share)
    as_approved = set(found)
    for entity in books.group.entities:
        if entity in books.visible and entity not in as_approved:
            for month in months_of(inventory.period_start, inventory.period_end):
                share = books.group.share(entity, inventory.consolidation_approach, month)
                if share:
                    found[entity].add(share)
    return found


def _share_text(shares: Iterable[Fraction]) -> str:
    """`60 %`, or the range where it changed within the period."""
    lowest, highest = min(shares), max(shares)
    texts = [f"{decimal_text(share * 100)} %" for share in (lowest, highest)]
    return texts[0] if lowest == highest else " – ".join(texts)

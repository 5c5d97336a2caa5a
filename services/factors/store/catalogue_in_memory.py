"""The catalogue kept between requests: factors of the activity types that were asked for lately, everything else whole."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import islice

from sqlalchemy import select
from sqlmodel import col

from kernel.database import Session
from services.factors.domain.catalogue import Catalogue, CatalogueFactor, Shelf, listed_factor, shelves
from services.factors.store.catalogue import read_ground, records, stored_factor
from services.factors.tables import CatalogueState
from services.factors.tables import Factor as FactorTable

MOST_FACTORS = 8_000  # kept from one request to the next: about 60 MB
ONE_TURN = 250  # factors made ready before other requests get their turn


class CatalogueInMemory:
    """Answers from what was read before, as long as the catalogue has not changed since.

    What a request gets is a view of its own, so that it sees one state of the catalogue from its beginning to its end.
    """

    def __init__(self) -> None:
        self._version = -1
        self._ground: Catalogue | None = None
        self._shelves: OrderedDict[str, Shelf] = OrderedDict()
        self._reading = asyncio.Lock()

    async def ground(self, session: Session) -> Catalogue:
        """The catalogue without factors."""
        version = await catalogue_version(session)
        async with self._reading:
            if self._ground is None or self._version != version:
                self._ground = await read_ground(session)
                self._version, self._shelves = version, OrderedDict()
            return self._ground

    async def holding(self, session: Session, activity_types: Iterable[str] = (), factor_ids: Collection[str] = ()) -> Catalogue:
        """The catalogue with the factors of these ids, and with all published ones of their and of these activity types."""
        ground = await self.ground(session)
        kept = self._shelves
        named = await _listed(session, ground, col(FactorTable.id).in_(factor_ids)) if factor_ids else []
        wanted = dict.fromkeys(one for one in activity_types if one in ground.activity_types)
        wanted |= dict.fromkeys(one.factor.activity_type for one in named)
        published = {one: kept[one] for one in wanted if one in kept}
        if missing := [one for one in wanted if one not in kept]:
            read = await _listed(session, ground, col(FactorTable.activity_type).in_(missing), col(FactorTable.state) == "published")
            found = shelves(read)
            published |= {one: found.get(one, {}) for one in missing}
        for one, shelf in published.items():
            kept[one] = shelf
            kept.move_to_end(one)
        _let_go(kept)
        return replace(ground, published=published, by_id={one.factor.id: one for one in named})


async def catalogue_version(session: Session) -> int:
    """Raised by every transaction that changes the catalogue."""
    connection = await session.connection()
    return int((await connection.execute(select(col(CatalogueState.version)))).scalar_one())


async def _listed(session: Session, ground: Catalogue, *conditions: object) -> list[CatalogueFactor]:
    listed: list[CatalogueFactor] = []
    known = col(FactorTable.dataset).in_(ground.datasets)  # a data set loaded since belongs to the next state of the catalogue
    rows = iter(await records(session, FactorTable, known, *conditions))
    while turn := list(islice(rows, ONE_TURN)):
        listed += [listed_factor(stored_factor(record), ground.datasets) for record in turn]
        await asyncio.sleep(0)
    return listed


def _let_go(kept: OrderedDict[str, Shelf]) -> None:
    """Forget what was not asked for the longest until little enough is kept."""
    sizes = {activity_type: sum(map(len, shelf.values())) for activity_type, shelf in kept.items()}
    held = sum(sizes.values())
    for activity_type in list(kept):
        if held <= MOST_FACTORS:
            return
        held -= sizes[activity_type]
        del kept[activity_type]

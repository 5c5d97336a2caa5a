"""What every operation of this service stands on: who may ask, the transaction, the catalogue, and where a page is."""

from typing import Annotated

from fastapi import Depends, Request

from kernel.auth import Principal, requires
from kernel.database import Session
from kernel.edge import session_of
from services.factors.domain.catalogue import Catalogue
from services.factors.store.catalogue_in_memory import CatalogueInMemory

Reader = Annotated[Principal, Depends(requires("factors:read"))]
Proposer = Annotated[Principal, Depends(requires("factors:propose"))]
Approver = Annotated[Principal, Depends(requires("factors:approve"))]
InTransaction = Annotated[Session, Depends(session_of)]


def _kept(request: Request) -> CatalogueInMemory:
    kept: CatalogueInMemory = request.app.state.catalogue
    return kept


KeptCatalogue = Annotated[CatalogueInMemory, Depends(_kept)]


async def _ground(kept: KeptCatalogue, session: InTransaction) -> Catalogue:
    return await kept.ground(session)


CatalogueGround = Annotated[Catalogue, Depends(_ground)]

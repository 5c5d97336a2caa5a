"""What every operation of this service stands on: who may ask, the transaction, the catalogue, and where a page is."""

from typing import Annotated

from fastapi import Depends, Request

from kernel.auth import Principal, requires
from kernel.database import Session
from kernel.edge import session_of
from services.factors.domain.catalogue import Catalogue
from services.factors.store.catalogue import CatalogueInMemory

Reader = Annotated[Principal, Depends(requires("factors:read"))]
InTransaction = Annotated[Session, Depends(session_of)]


async def _catalogue(request: Request, session: InTransaction) -> Catalogue:
    in_memory: CatalogueInMemory = request.app.state.catalogue
    return await in_memory.current(session)


CurrentCatalogue = Annotated[Catalogue, Depends(_catalogue)]

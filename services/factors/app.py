"""The factors service: the emission-factor catalogue, the choice of a factor with its reasons, and estimates."""

from pathlib import Path

from kernel.service import Ground, Service, create_service
from services.factors.api import activity_types, datasets, estimates, factors, gwp_sets, own_factors, resolutions, units
from services.factors.store.catalogue_in_memory import CatalogueInMemory
from services.factors.usecases.index_catalogue import index_catalogue
from services.factors.usecases.load_pack import load_pack
from services.factors.usecases.republish import REPUBLICATIONS

PACK = Path(__file__).parent / "pack"


def assemble(ground: Ground) -> Service:
    """The service on its ground; at its start it has the shipped pack in its tables, and the catalogue without factors in memory."""

    catalogue = CatalogueInMemory()

    async def load_shipped_pack() -> None:
        await load_pack(ground.database, ground.settings.factor_pack or PACK)
        await index_catalogue(ground.database)
        async with ground.database.unit_of_work() as session:  # else the first record waits for it, longer than inventory has patience
            await catalogue.ground(session)

    routers = [module.router for module in (datasets, activity_types, factors, own_factors, resolutions, estimates, gwp_sets, units)]
    service = create_service("factors", ground, routers, on_start=load_shipped_pack, republications=REPUBLICATIONS)
    service.app.state.catalogue = catalogue
    return service

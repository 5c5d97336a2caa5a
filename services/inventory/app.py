"""The inventory service, put together."""

import asyncio

import structlog

from kernel.retention import Named
from kernel.service import Ground, Service, create_service
from services.inventory.api import activities, calculations, entities, factor_updates, inventories, sites, source_systems, totals
from services.inventory.handlers import SUBSCRIPTIONS
from services.inventory.store.bindings import BindingCache
from services.inventory.store.gauges import RECORDS_WITHOUT_FIGURE
from services.inventory.usecases.ask_for_factors import FactorQuestions
from services.inventory.usecases.gathered_pushes import GatheredPushes
from services.inventory.usecases.propose_factor_updates import PROPOSE_UPDATES, FactorProposals
from services.inventory.usecases.recount import ASK_AGAIN, RELEASE_ITEMS, Recounts
from services.inventory.usecases.recount_replaced import RECOUNT_REPLACED, ReplacedBindings
from services.inventory.usecases.republish import REPUBLICATIONS

log = structlog.get_logger()

WAITING_POLL_SECONDS = 1.0


def assemble(ground: Ground) -> Service:
    cache = BindingCache()
    questions = FactorQuestions(ground.database, ground.questions["factors"], cache)
    recounts = Recounts(ground.database, questions, cache)

    async def calculate_waiting() -> None:
        while True:
            try:
                await recounts.calculate_waiting()
            except Exception as error:  # the records keep waiting; the next round tries again
                log.warning("waiting_not_calculated", error=repr(error))
            await asyncio.sleep(WAITING_POLL_SECONDS)

    proposals = FactorProposals(ground.database, questions)
    replaced = ReplacedBindings(ground.database, cache)
    modules = (activities, calculations, entities, sites, inventories, totals, source_systems, factor_updates)
    service = create_service(
        "inventory",
        ground,
        [module.router for module in modules],
        subscriptions=SUBSCRIPTIONS,
        work={
            RELEASE_ITEMS: recounts.release_items,
            ASK_AGAIN: recounts.ask_again,
            PROPOSE_UPDATES: proposals.propose,
            RECOUNT_REPLACED: replaced.recount,
        },
        tasks=[calculate_waiting],
        overwritten=["activity_type", "organisation"],
        republications=REPUBLICATIONS,
        gauges=[RECORDS_WITHOUT_FIGURE],
        named=Named(jobs="SELECT release_job FROM source_item UNION ALL SELECT recount_job FROM factor_update"),
    )
    service.app.state.bindings = cache
    service.app.state.factor_questions = questions
    service.app.state.gathered_pushes = GatheredPushes(ground.database, cache)
    return service

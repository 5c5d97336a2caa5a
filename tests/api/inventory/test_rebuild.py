"""A rebuild of what inventory has heard: records are judged as before while nothing was heard again yet."""

from functools import partial

import httpx
from sqlalchemy import URL

from baseyear.one_process import composed
from kernel.settings import Settings
from tests.api.inventory.intake import Intake
from tests.conftest import ISSUER, OPERATOR_ID, OPERATOR_SECRET, Client, new_client


async def test_no_record_is_refused_for_an_activity_type_that_a_rebuild_has_yet_to_hear_again(
    settings: Settings, databases: dict[str, URL]
) -> None:
    async with composed(settings, databases, ISSUER) as at_rest:  # so nobody hears anything
        transport = httpx.ASGITransport(app=at_rest.door)
        async with httpx.AsyncClient(transport=transport, base_url=ISSUER, timeout=60) as http:
            operator = await Client(http, OPERATOR_ID, OPERATOR_SECRET).sign_in()
            intake = Intake(at_rest, operator, partial(new_client, operator))
            site = await intake.site()

            await at_rest.services["inventory"].rebuild()

            pushed = await intake.pushed(intake.record(site))
            assert pushed["emissions"]["co2e_kg"] == "471.500000"

"""The gateway, assembled: its own operations, the open pages, and the door before all services."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from joserfc.jwk import OKPKey
from sqlalchemy import text
from starlette.types import ASGIApp

from gateway.api import clients, discovery, organisation, services, tokens, webhooks
from gateway.door import Door
from gateway.first_operator import OperatorFile, ensure_operator
from gateway.limits import Limits, Quota, quotas_with
from gateway.organisation import ensure_organisation
from gateway.reference.app import SEGMENTS, pages
from gateway.reference.documents import Documents
from gateway.republish import REPUBLICATIONS
from gateway.routes import ROUTES
from gateway.webhooks.courier import Courier
from gateway.webhooks.sending import Sender
from gateway.webhooks.signatures import Seal
from gateway.webhooks.subscriptions import subscriptions
from kernel.auth import ISSUING_SERVICE
from kernel.keys import TokenSigner, load_public_keys
from kernel.service import Ground, Service, create_service
from kernel.settings import Settings, SettingsRefused


@dataclass(slots=True)
class Gateway(Service):
    """The gateway as a service among the others; `door` is the app that the world talks to."""

    door: ASGIApp = field(kw_only=True)


def assemble(ground: Ground, signer: TokenSigner, key: OKPKey, upstreams: Mapping[str, ASGIApp]) -> Gateway:
    """The gateway before the services in `upstreams`, which it gets by their names.

    key  what `signer` signs with
    """

    async def start() -> None:
        await _ensure_the_first(ground, signer)

    seal = Seal(key)
    sender = Sender(seal, ground.settings.webhook_private_networks, ground.version)
    routers = [tokens.router, discovery.router, clients.router, organisation.router, webhooks.router, services.router]
    tasks = [Courier(ground.database, sender).run]
    service = create_service(
        "gateway", ground, routers, subscriptions=subscriptions(), tasks=tasks, on_start=start, republications=REPUBLICATIONS
    )
    app = service.app
    app.state.seal = seal
    app.state.signer = signer
    app.state.public_keys = load_public_keys(ground.settings.keys_folder, ISSUING_SERVICE).as_dict(private=False)
    app.state.services = {"gateway": app, **upstreams}
    app.state.limits = limits = Limits(_quotas(ground.settings))
    open_pages = pages(Documents(app.state.services, ground.version))
    door = Door(
        services={resource: upstreams[owner] for resource, owner in ROUTES.items()},
        pages=dict.fromkeys(SEGMENTS, open_pages),
        own=app,
        verifier=ground.verifier,
        limits=limits,
    )
    return Gateway(service.name, app, ground, service.consumer, service.tasks, start, state_topics=service.state_topics, door=door)


def _quotas(settings: Settings) -> Mapping[str, Quota]:
    try:
        return quotas_with(settings.rate_limits)
    except ValueError as error:
        raise SettingsRefused(f"BASEYEAR_RATE_LIMITS: {error}") from None


async def _ensure_the_first(ground: Ground, signer: TokenSigner) -> None:
    """The organisation and an operator, before the first request."""
    file = OperatorFile(ground.settings.home, f"{signer.issuer}/oauth2/token")
    async with ground.database.unit_of_work() as session:
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('first start of the gateway', 0))"))
        await ensure_organisation(session)
        new = await ensure_operator(session, ground.settings, file)
    if new is not None:
        file.write(*new)

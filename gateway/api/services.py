"""/v1/services: the services of this installation, as they say of themselves. Their other operations are kernel/operations.py."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

import httpx
from fastapi import Depends, Request
from starlette.types import ASGIApp

from kernel.auth import Principal, bearer_token, requires
from kernel.operations import ServiceState
from kernel.pages import Page, here
from kernel.questions import Questions, Silence
from kernel.service import router as edge_router

router = edge_router("operations")


class ServicePage(Page):
    items: list[ServiceState]


@router.get("/v1/services")
async def list_services(request: Request, _: Annotated[Principal, Depends(requires("operations:read"))]) -> ServicePage:
    """Every service: whether it takes requests, its version, and how many events it could not apply; all on one page."""
    apps: Mapping[str, ASGIApp] = request.app.state.services
    token = bearer_token(request.headers.get("authorization"))  # each service shows what this client may see
    states = await asyncio.gather(*(_state(name, app, token) for name, app in apps.items()))
    return ServicePage(items=list(states), next=None, self=here(request))


async def _state(name: str, app: ASGIApp, token: str) -> ServiceState:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{name}") as client:
        try:
            document = await Questions("gateway", name, client, lambda: token).ask("GET", f"/v1/services/{name}")
        except Silence:
            return ServiceState(name=name, version=None, ready=False, not_ready_because="it does not answer", parked_events=None)
    return ServiceState.model_validate(document)

"""Every operation names the scope that it needs, out of the closed list; the open ones are listed here."""

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Annotated

import pytest_asyncio
from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute

from baseyear.documents import unconnected
from baseyear.one_process import Installation
from gateway.routes import ROUTES, resource_of
from gateway.scopes import SCOPES
from kernel.auth import Principal, required_scope, requires
from kernel.edge import Edge

OPEN = {
    ("gateway", "issue_token"),
    ("gateway", "get_openid_configuration"),
    ("gateway", "get_public_keys"),
}
OPERATIONAL = ("/health/live", "/health/ready", "/metrics")  # of every service, not of the API


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def parts() -> AsyncIterator[Installation]:
    async with unconnected() as parts:
        yield parts


def operations(routes: Iterable[object]) -> Iterator[APIRoute]:
    """The operations of an app, also of the routers that it includes."""
    for route in routes:
        if isinstance(route, APIRoute):
            if route.path not in OPERATIONAL:
                yield route
        elif hasattr(route, "original_router"):
            yield from operations(route.original_router.routes)


def without_a_scope(routes: Iterable[object]) -> set[str]:
    return {route.name for route in operations(routes) if required_scope(route.dependant) not in SCOPES}


def test_every_operation_but_the_open_ones_names_a_scope_of_the_closed_list(parts: Installation) -> None:
    assert {(name, operation) for name, service in parts.services.items() for operation in without_a_scope(service.app.routes)} == OPEN


def test_an_operation_without_a_scope_of_the_list_would_be_found() -> None:
    router = APIRouter()

    @router.get("/open")
    def read_openly() -> None: ...

    @router.get("/unlisted")
    def read_unlisted(_: Annotated[Principal, Depends(requires("everything:do"))]) -> None: ...

    @router.get("/listed")
    def read_listed(_: Annotated[Principal, Depends(requires("factors:read"))]) -> None: ...

    assert without_a_scope(router.routes) == {"read_openly", "read_unlisted"}


def test_every_operation_of_a_service_runs_at_the_edge(parts: Installation) -> None:
    for name, service in parts.services.items():
        for operation in operations(service.app.routes):
            assert isinstance(operation, Edge) or (name, operation.name) in OPEN, operation.path


def test_every_operation_is_reached_through_the_route_table(parts: Installation) -> None:
    for name, service in parts.services.items():
        for operation in operations(service.app.routes):
            assert ROUTES.get(resource_of(operation.path), "gateway") == name, operation.path


def test_operation_ids_are_names_that_are_given_once(parts: Installation) -> None:
    names = [operation.name for service in parts.services.values() for operation in operations(service.app.routes)]

    assert sorted(names) == sorted(set(names))

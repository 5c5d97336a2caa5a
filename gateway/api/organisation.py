"""/v1/organisation: the group whose books this installation keeps."""

import zoneinfo
from typing import Annotated

from fastapi import Depends, Request, Response
from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from pydantic_core import PydanticCustomError
from sqlmodel import select

from contracts import shapes
from contracts.shapes import GwpSetName, Text
from gateway import organisation as organisations
from gateway.organisation import OrganisationContent, as_content
from gateway.tables import Organisation
from kernel.auth import Principal, requires
from kernel.database import Session
from kernel.edge import session_of
from kernel.preconditions import require_match, set_etag
from kernel.service import router as edge_router

router = edge_router("organisation")

_ZONES = frozenset(zoneinfo.available_timezones())


def _known_zone(name: str) -> str:
    if name not in _ZONES:
        raise PydanticCustomError(
            "unknown_time_zone", "Must be a time zone of the IANA database", {"hint": "For example Asia/Shanghai or UTC."}
        )
    return name


TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]


class OrganisationIn(shapes.Request):
    """Everything that is said of the organisation; what is left out is taken away."""

    name: Text = Field(examples=["Example Manufacturing Group"])
    responsible: Text | None = Field(None, description="Who answers for the inventory, as it stands in reports.")
    time_zone: TimeZone = Field(description="IANA name; days without a site are days of this zone.", examples=["Asia/Shanghai"])
    gwp_set: GwpSetName = Field(description="GWP set of figures that belong to no inventory.", examples=["AR6"])
    languages: list[Language] = Field(min_length=1, max_length=20, description="BCP 47; the first is preferred.", examples=[["en"]])


class OrganisationOut(BaseModel):
    name: str
    responsible: str | None
    time_zone: str
    gwp_set: GwpSetName
    languages: list[str]


@router.get("/v1/organisation")
async def get_organisation(
    response: Response, _: Annotated[Principal, Depends(requires("entities:read"))], session: Annotated[Session, Depends(session_of)]
) -> OrganisationOut:
    """The organisation; it exists from the first start."""
    organisation = (await session.exec(select(Organisation))).one()
    set_etag(response, organisation.version)
    return OrganisationOut.model_validate(as_content(organisation))


@router.put("/v1/organisation")
async def replace_organisation(
    request: Request,
    response: Response,
    body: OrganisationIn,
    actor: Annotated[Principal, Depends(requires("organisation:write"))],
    session: Annotated[Session, Depends(session_of)],
) -> OrganisationOut:
    """Replace what is said of the organisation; with If-Match only if it has not changed meanwhile."""
    organisation = await organisations.locked_organisation(session)
    if "if-match" in request.headers:
        require_match(request, organisation.version)
    await organisations.replace_organisation(session, actor, organisation, OrganisationContent(**body.model_dump()))
    set_etag(response, organisation.version)
    return OrganisationOut.model_validate(as_content(organisation))

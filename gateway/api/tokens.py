"""POST /oauth2/token: access tokens for client credentials.

source  RFC 6749, sections 2.3.1, 4.4, 5.1 and 5.2
"""

import asyncio
import base64
import binascii
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from gateway.clients import digests_of
from gateway.credentials import matches
from gateway.forward import too_large
from gateway.limits import Count, Limits, network_of
from gateway.tables import Client
from kernel.database import SYSTEM, Session
from kernel.edge import as_problem
from kernel.keys import TOKEN_SECONDS, TokenSigner
from kernel.metrics import GATEWAY_REFUSED
from kernel.telemetry import begin_trace

log = structlog.get_logger()
router = APIRouter(tags=["identity"])

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 20
LARGEST_FORM = 16 * 1024
FORM_SECONDS = 5.0

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Token(BaseModel):
    access_token: str
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds", examples=[TOKEN_SECONDS])
    scope: str = Field(description="What the token allows, separated by blanks.")


class TokenRefusal(BaseModel):
    """RFC 6749, section 5.2"""

    error: str = Field(examples=["invalid_client"])
    error_description: str


@dataclass(slots=True)
class Refused(Exception):
    error: str
    description: str

    def response(self) -> Response:
        content = {"error": self.error, "error_description": self.description}
        if self.error == "invalid_client":
            return JSONResponse(content, 401, headers=_NO_STORE | {"WWW-Authenticate": 'Basic realm="baseyear"'})
        return JSONResponse(content, 400, headers=_NO_STORE)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client's id and secret as they were sent, in each way in which they can be meant."""

    readings: tuple[tuple[str, str], ...]

    def claimant(self, address: str) -> str:
        """Who tries to sign in from where, so that one client's wrong secret does not keep others behind the same address out."""
        return f"{network_of(address)} {self.readings[-1][0][:100]}"


_FORM_SCHEMA: dict[str, Any] = {
    "title": "TokenRequest",
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "const": "client_credentials"},
        "client_id": {"type": "string", "description": "Only without Basic authentication."},
        "client_secret": {"type": "string", "description": "Only without Basic authentication."},
        "scope": {
            "type": "string",
            "description": "The scopes that the token shall have, separated by blanks; left out, all of the client's.",
        },
    },
}


@router.post(
    "/oauth2/token",
    response_model=Token,
    responses={400: {"model": TokenRefusal, "description": "Refused"}, 401: {"model": TokenRefusal, "description": "Not a client"}},
    openapi_extra={"requestBody": {"required": True, "content": {FORM: {"schema": _FORM_SCHEMA}}}},
)
async def issue_token(request: Request) -> Response:
    """An access token for ten minutes, for a client's id and secret by Basic authentication or in the form."""
    trace_id = begin_trace(request.headers.get("traceparent"))
    try:
        fields = _fields(request, await _form(request))
        credentials = _credentials(fields, request.headers.get("authorization"))
        client = await _signed_in(request, credentials)
        scopes = _scopes(client, fields)
    except Refused as refused:
        log.warning("token_refused", error=refused.error, reason=refused.description)
        return refused.response()
    except Exception as error:
        return as_problem(error).response(request.url.path, trace_id)
    log.info("token_issued", principal=client.id)
    return JSONResponse(_token(request.app.state.signer, client, scopes).model_dump(), headers=_NO_STORE)


async def _form(request: Request) -> bytes:
    """The body of whoever it may be: in whole only where it is small and comes at once."""
    form = b""
    try:
        async with asyncio.timeout(FORM_SECONDS):
            async for piece in request.stream():
                form += piece
                if len(form) > LARGEST_FORM:
                    raise too_large(LARGEST_FORM)
    except TimeoutError:
        raise Refused("invalid_request", f"The form did not come within {FORM_SECONDS:.0f} seconds.") from None
    return form


def _fields(request: Request, form: bytes) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Refused("invalid_request", f"Send the parameters as {FORM}.")
    try:
        pairs = parse_qsl(form.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise Refused("invalid_request", "The form cannot be read.") from error
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Refused("invalid_request", "A parameter is sent twice.")
    if "grant_type" not in fields:
        raise Refused("invalid_request", "The parameter grant_type is missing; it is client_credentials.")
    return fields


def _scopes(client: Client, fields: dict[str, str]) -> list[str]:
    """The scopes of its token."""
    if fields["grant_type"] != "client_credentials":
        raise Refused("unsupported_grant_type", "The grant_type is client_credentials.")
    asked = fields.get("scope", "").split()
    beyond = [scope for scope in asked if scope not in client.scopes]
    if beyond:
        raise Refused("invalid_scope", f"The client does not have the scope {beyond[0]!r}.")
    return [scope for scope in client.scopes if not asked or scope in asked]


def _credentials(fields: dict[str, str], authorization: str | None) -> Credentials:
    if authorization is None:
        if not fields.get("client_id") or not fields.get("client_secret"):
            raise Refused("invalid_client", "Send the client's id and secret, by Basic authentication or in the form.")
        return Credentials(((fields["client_id"], fields["client_secret"]),))
    if "client_secret" in fields:
        raise Refused("invalid_request", "Send the client's secret once: by Basic authentication or in the form.")
    scheme, _, encoded = authorization.partition(" ")
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        colon = ""
    if scheme.lower() != "basic" or not colon:
        raise Refused("invalid_client", "The Authorization header is not of the form `Basic` and base64 of id:secret.")
    # RFC 6749 has both form-encoded first; most programs send them as they are.
    return Credentials(((client_id, secret), (unquote_plus(client_id), unquote_plus(secret))))


async def _signed_in(request: Request, credentials: Credentials) -> Client:
    """The client with these credentials, of which only so many may be wrong in a time."""
    limits: Limits = request.app.state.limits
    claimant = credentials.claimant(request.client.host if request.client else "")
    _admit(limits.used_up("failed_sign_in", claimant))
    async with request.app.state.database.unit_of_work(SYSTEM) as session:
        client = await _client(session, credentials)
    if client is None:
        limits.count("failed_sign_in", claimant)
        raise Refused("invalid_client", "There is no client with this id and secret.")
    return client


def _admit(count: Count) -> None:
    if count.refusal is not None:
        GATEWAY_REFUSED.labels(count.refusal.type.code).inc()
        count.refusal.headers.update({name.decode(): value.decode() for name, value in count.headers})
        raise count.refusal


async def _client(session: Session, credentials: Credentials) -> Client | None:
    for client_id, secret in dict.fromkeys(credentials.readings):
        if "\x00" in client_id:
            continue
        client = await session.get(Client, client_id)
        if matches(secret, await digests_of(session, client_id)) and client is not None and client.state == "active":
            return client
    return None


def _token(signer: TokenSigner, client: Client, scopes: list[str]) -> Token:
    narrowing = {"entity_ids": client.entity_ids, "source_systems": client.source_systems, "supplier_id": client.supplier_id}
    token = signer.sign(client.id, client.kind, client.name, scopes, **narrowing)
    return Token(access_token=token, token_type="Bearer", expires_in=TOKEN_SECONDS, scope=" ".join(scopes))  # noqa: S106

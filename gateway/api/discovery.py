"""Discovery: where tokens are issued, and the public keys that they are signed with.

source  OpenID Connect Discovery 1.0, section 3; RFC 7517
"""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from gateway.scopes import SCOPES
from kernel.auth import ALGORITHM

router = APIRouter(tags=["identity"])

_CACHED = "public, max-age=300"


class Discovery(BaseModel):
    issuer: str
    token_endpoint: str
    jwks_uri: str
    service_documentation: str
    grant_types_supported: list[str]
    response_types_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    scopes_supported: list[str]


class PublicKeys(BaseModel):
    """A JWK Set."""

    keys: list[dict[str, str | list[str]]]


@router.get("/.well-known/openid-configuration")
async def get_openid_configuration(request: Request, response: Response) -> Discovery:
    """Where and how to get a token."""
    issuer: str = request.app.state.signer.issuer
    response.headers["Cache-Control"] = _CACHED
    return Discovery(
        issuer=issuer,
        token_endpoint=f"{issuer}/oauth2/token",
        jwks_uri=f"{issuer}/oauth2/jwks",
        service_documentation=f"{issuer}/docs",
        grant_types_supported=["client_credentials"],
        response_types_supported=[],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=[ALGORITHM],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
        scopes_supported=list(SCOPES),
    )


@router.get("/oauth2/jwks")
async def get_public_keys(request: Request, response: Response) -> PublicKeys:
    """The public keys with which access tokens can be verified."""
    response.headers["Cache-Control"] = _CACHED
    return PublicKeys.model_validate(request.app.state.public_keys)

"""Who is asking: access tokens verified in every service, and the principal that narrows every query."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.security import HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from kernel.problems import FORBIDDEN, MISSING_SCOPE, UNAUTHENTICATED, Problem

AUDIENCE = "baseyear"
ISSUING_SERVICE = "gateway"
ALGORITHM = "Ed25519"
CACHED_TOKENS = 10_000
LONGEST_CACHED_TOKEN = 4 * 1024


@dataclass(frozen=True, slots=True)
class Principal:
    """A client as its token describes it; empty lists do not narrow."""

    client_id: str
    kind: str
    name: str
    scopes: frozenset[str]
    entity_ids: tuple[str, ...] = ()
    source_systems: tuple[str, ...] = ()
    supplier_id: str | None = None

    def require(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Problem(MISSING_SCOPE, f"The operation needs the scope {scope}, which this token does not have.")

    def require_source_system(self, source_system: str) -> None:
        if self.source_systems and source_system not in self.source_systems:
            raise Problem(FORBIDDEN, f"This client may not write for the source system {source_system}.")


class TokenVerifier:
    """Verifies access tokens against the public keys of the installation; a verified one of usual length is remembered until it expires.

    keys  each with an id that begins with the name of the service that signs with it: the gateway's for every client, another
          service's only for itself
    """

    def __init__(self, keys: KeySet, issuer: str) -> None:
        self._keys = keys
        self._claims = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            exp={"essential": True},
        )
        self._verified: OrderedDict[str, tuple[float, Principal]] = OrderedDict()
        self._revoked: set[str] = set()

    def revoke(self, client_id: str) -> None:
        """From now on refuse every token of a client."""
        self._revoked.add(client_id)

    def remembers(self, token: str) -> bool:
        """Whether it can be verified without a look at its signature."""
        return token in self._verified

    def verify(self, token: str) -> Principal:
        """The principal of a token; raises a 401 problem for any token that is not valid now."""
        cached = self._verified.get(token)
        if cached is None:
            cached = self._check(token)
            if len(token) <= LONGEST_CACHED_TOKEN:
                self._verified[token] = cached
            if len(self._verified) > CACHED_TOKENS:
                self._verified.popitem(last=False)
        expires, principal = cached
        if expires <= time.time():
            self._verified.pop(token, None)
            raise unauthenticated("The access token has expired; fetch a new one at POST /oauth2/token.", "invalid_token")
        if principal.client_id in self._revoked:
            raise unauthenticated("The client of this access token was deleted.", "invalid_token")
        return principal

    def _check(self, token: str) -> tuple[float, Principal]:
        try:
            decoded = jwt.decode(token, self._keys, algorithms=[ALGORITHM])
            self._claims.validate(decoded.claims)
            signer = decoded.header["kid"].partition(".")[0]
            if signer != ISSUING_SERVICE and not _speaks_for_itself(signer, decoded.claims):
                raise ValueError(f"{signer} may sign only for itself, and only to read")
            return float(decoded.claims["exp"]), principal_of(decoded.claims)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise unauthenticated("The access token is not valid here.", "invalid_token") from error


def _speaks_for_itself(service: str, claims: dict[str, Any]) -> bool:
    reads_only = all(scope.endswith(":read") for scope in claims["scope"].split())
    return claims["kind"] == "service" and claims["sub"] == f"service:{service}" and reads_only


def principal_of(claims: dict[str, Any]) -> Principal:
    return Principal(
        client_id=claims["sub"],
        kind=claims["kind"],
        name=claims["name"],
        scopes=frozenset(claims["scope"].split()),
        entity_ids=tuple(claims.get("entity_ids", ())),
        source_systems=tuple(claims.get("source_systems", ())),
        supplier_id=claims.get("supplier_id"),
    )


def unauthenticated(detail: str, error: str | None = None) -> Problem:
    challenge = 'Bearer realm="baseyear"' + (f', error="{error}"' if error else "")
    return Problem(UNAUTHENTICATED, detail, headers={"WWW-Authenticate": challenge})


def bearer_token(authorization: str | None) -> str:
    """The token in an Authorization header; raises a 401 problem without one."""
    if authorization is None:
        raise unauthenticated("Send an access token: Authorization: Bearer …")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthenticated("The Authorization header must be `Bearer` and an access token.", "invalid_request")
    return token.strip()


_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="A token of POST /oauth2/token")


def requires(scope: str) -> Callable[..., Awaitable[Principal]]:
    """A dependency that names the scope of an operation and gives its principal.

    kernel/edge.py verified both before the body was read. They are verified again after it: it may have come slowly.
    """

    async def authorised(request: Request, _: Annotated[Any, Security(_bearer, scopes=[scope])]) -> Principal:
        return authenticate(request, scope)

    authorised.scope = scope  # type: ignore[attr-defined]  # read by required_scope
    return authorised


def required_scope(dependant: Dependant) -> str | None:
    """The scope that an operation's dependencies name, None for an open operation."""
    scope: str | None = getattr(dependant.call, "scope", None)
    return scope or next(filter(None, map(required_scope, dependant.dependencies)), None)


def authenticate(request: Request, scope: str) -> Principal:
    """The principal of a request, verified by this service itself; raises 401 or 403."""
    verifier: TokenVerifier = request.app.state.verifier
    principal = verifier.verify(bearer_token(request.headers.get("authorization")))
    principal.require(scope)
    request.state.principal = principal
    return principal

"""The closed list of scopes, and what a client of each kind holds when nobody says otherwise."""

from typing import Literal, get_args

from typing_extensions import TypeAliasType

ClientKind = TypeAliasType("ClientKind", Literal["operator", "ehs", "supplier", "app", "verifier", "partner", "service"])
KINDS: tuple[ClientKind, ...] = get_args(ClientKind.__value__)

SCOPES: dict[str, str] = {
    "clients:manage": "Create and delete clients, and give them new secrets",
    "organisation:write": "Change the organisation's name, time zone, GWP set and languages",
    "webhooks:manage": "Manage webhook endpoints and replay their deliveries",
    "entities:read": "Read the organisation, its entities and its sites",
    "entities:write": "Change entities, ownership, control and sites",
    "activities:read": "Read activity records, their calculation and their history",
    "activities:write": "Push, correct and void activity records",
    "inventories:read": "Read inventory years and their totals",
    "inventories:write": "Create inventory years and submit them for review",
    "inventories:approve": "Approve inventory years",
    "factors:read": "Search emission factors, resolve them and estimate with them",
    "factors:propose": "Propose own emission factors",
    "factors:approve": "Approve own emission factors that others proposed",
    "suppliers:read": "Read suppliers and what they answered",
    "suppliers:write": "Change suppliers and invite them",
    "campaigns:write": "Create and launch campaigns of data requests",
    "submissions:review": "Accept or return what suppliers submitted",
    "portal:use": "Answer data requests as the supplier that they are addressed to",
    "footprints:read": "Read product footprints",
    "footprints:write": "Change product footprints and grant access to them",
    "pact:exchange": "Exchange product footprints by the PACT protocol",
    "programme:read": "Read the programme: commitments, milestones, training, documents",
    "programme:write": "Change the programme",
    "targets:write": "Set targets and their levers",
    "reports:read": "Read reported emissions, metrics and reports",
    "reports:issue": "Issue reports",
    "verification:read": "Read engagements, samples and findings of a verification",
    "verification:write": "Work on a verification: samples, findings, statements",
    "audit:read": "Read the audit trail",
    "history:write": "Make changes effective on an earlier day",
    "operations:read": "Read metrics, queues and dead letters",
    "operations:write": "Re-drive dead letters and replay events",
}

# These two open nothing but their holder's own part, so whoever manages clients may grant them to a client of the kind that they are for.
KIND_OF_OWN_SCOPE: dict[str, ClientKind] = {"portal:use": "supplier", "pact:exchange": "partner"}

_READS = tuple(scope for scope in SCOPES if scope.endswith(":read"))

DEFAULTS: dict[ClientKind, tuple[str, ...]] = {
    "operator": tuple(scope for scope in SCOPES if scope not in KIND_OF_OWN_SCOPE),
    "ehs": ("activities:read", "activities:write", "entities:read", "factors:read"),
    "supplier": ("portal:use",),
    "app": tuple(scope for scope in _READS if scope not in ("audit:read", "operations:read")),
    "verifier": (*_READS, "verification:write"),
    "partner": ("pact:exchange",),
    "service": (),
}

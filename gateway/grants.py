"""What a client may do and how far it sees, and that nobody gives more than they have."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.scopes import DEFAULTS, KIND_OF_OWN_SCOPE, ClientKind
from kernel.auth import Principal
from kernel.problems import FORBIDDEN, FieldError, Problem, refused


@dataclass(frozen=True, slots=True)
class Grant:
    """Scopes and breadth; empty lists do not narrow."""

    kind: ClientKind
    scopes: tuple[str, ...]
    entity_ids: tuple[str, ...] = ()
    source_systems: tuple[str, ...] = ()
    supplier_id: str | None = None


def grant(
    kind: ClientKind,
    scopes: Sequence[str] | None = None,
    entity_ids: Iterable[str] = (),
    source_systems: Iterable[str] = (),
    supplier_id: str | None = None,
) -> Grant:
    """A grant for a client of a kind, with the kind's own scopes unless others are named; raises 422 where it lacks what its kind needs."""
    if scopes is None and not DEFAULTS[kind]:
        raise refused("/scopes", "required", f"A client of kind {kind} has no scopes of its own.", "Name the scopes that it needs.")
    if kind == "ehs" and not source_systems:
        raise refused(
            "/source_systems", "required", "A client of kind ehs needs at least one source system.", "Name the system that it pushes for."
        )
    if kind == "supplier" and supplier_id is None:
        raise refused("/supplier_id", "required", "A client of kind supplier needs the supplier that it answers for.")
    if kind != "supplier" and supplier_id is not None:
        raise refused("/supplier_id", "not_for_this_kind", f"A client of kind {kind} is not narrowed to a supplier.", "Leave it out.")
    named = DEFAULTS[kind] if scopes is None else scopes
    return Grant(kind, _ordered(named), _ordered(entity_ids), _ordered(source_systems), supplier_id)


def require_within(actor: Principal, given: Grant) -> None:
    """Refuse (403) a grant of scopes or breadth beyond the actor's own."""
    errors = [
        FieldError(f"/scopes/{place}", "beyond_own", f"This client does not have the scope {scope} itself.")
        for place, scope in enumerate(given.scopes)
        if scope not in actor.scopes and KIND_OF_OWN_SCOPE.get(scope) != given.kind
    ]
    errors += [
        FieldError(f"/{name}", "beyond_own", f"This client sees only: {', '.join(own)}.", "Name some of these.")
        for name, own, wanted in (
            ("entity_ids", actor.entity_ids, given.entity_ids),
            ("source_systems", actor.source_systems, given.source_systems),
        )
        if not _is_narrower(wanted, own)
    ]
    if actor.supplier_id is not None and given.supplier_id != actor.supplier_id:
        errors.append(FieldError("/supplier_id", "beyond_own", "This client is narrowed to another supplier."))
    if errors:
        raise Problem(FORBIDDEN, "Nobody grants more than they have: " + " ".join(error.detail for error in errors), errors)


def _is_narrower(wanted: Sequence[str], own: Sequence[str]) -> bool:
    return not own or (bool(wanted) and set(wanted) <= set(own))


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))

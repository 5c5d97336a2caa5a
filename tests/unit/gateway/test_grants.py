"""What a client may do by its kind, as the API contract lists it."""

import pytest

from gateway.grants import grant, require_within
from gateway.scopes import DEFAULTS, KIND_OF_OWN_SCOPE, KINDS, SCOPES
from kernel.auth import Principal
from kernel.problems import Problem

CLOSED_LIST = """clients:manage organisation:write webhooks:manage entities:read entities:write activities:read activities:write
inventories:read inventories:write inventories:approve factors:read factors:propose factors:approve suppliers:read suppliers:write
campaigns:write submissions:review portal:use footprints:read footprints:write pact:exchange programme:read programme:write targets:write
reports:read reports:issue verification:read verification:write audit:read history:write operations:read operations:write"""


def test_the_scopes_are_exactly_those_of_the_contract():
    assert list(SCOPES) == CLOSED_LIST.split()


def test_the_defaults_are_those_of_the_contract():
    reads = {scope for scope in SCOPES if scope.endswith(":read")}

    assert {kind: set(scopes) for kind, scopes in DEFAULTS.items()} == {
        "operator": set(SCOPES) - {"portal:use", "pact:exchange"},
        "ehs": {"activities:read", "activities:write", "entities:read", "factors:read"},
        "supplier": {"portal:use"},
        "app": reads - {"audit:read", "operations:read"},
        "verifier": reads | {"verification:write"},
        "partner": {"pact:exchange"},
        "service": set(),
    }
    assert set(DEFAULTS) == set(KINDS)


def test_a_grant_is_the_same_in_whatever_order_and_how_often_its_parts_are_named():
    one = grant("ehs", ["factors:read", "activities:write"], source_systems=["b", "a", "b"])
    other = grant("ehs", ["activities:write", "factors:read", "factors:read"], source_systems=["a", "b"])

    assert one == other


def test_every_kind_of_client_can_be_made_by_an_operator_with_its_default_scopes():
    operator = Principal("operator", "operator", "the operator", frozenset(DEFAULTS["operator"]))
    needs = {"ehs": {"source_systems": ["ehs-1"]}, "supplier": {"supplier_id": "S-1"}, "service": {"scopes": ["factors:read"]}}

    for kind in KINDS:
        require_within(operator, grant(kind, **needs.get(kind, {})))


@pytest.mark.parametrize("scope", sorted(KIND_OF_OWN_SCOPE))
def test_a_scope_of_one_kind_is_not_granted_to_another(scope):
    operator = Principal("operator", "operator", "the operator", frozenset(DEFAULTS["operator"]))

    with pytest.raises(Problem) as refusal:
        require_within(operator, grant("app", [scope]))

    assert refusal.value.type.status == 403


def test_a_client_of_one_supplier_makes_clients_of_that_supplier_only():
    actor = Principal("s", "supplier", "a supplier", frozenset(["clients:manage", "portal:use"]), supplier_id="S-1")

    require_within(actor, grant("supplier", supplier_id="S-1"))
    with pytest.raises(Problem):
        require_within(actor, grant("supplier", supplier_id="S-2"))
    with pytest.raises(Problem):
        require_within(actor, grant("app", ["clients:manage"]))

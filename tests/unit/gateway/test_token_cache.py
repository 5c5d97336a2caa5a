"""Verified tokens are remembered, within bounds, and never longer than their clients' rights last."""

import gc
import time

import pytest
from joserfc.jwk import OKPKey

from kernel import auth
from kernel.auth import ALGORITHM, Principal, TokenVerifier
from kernel.keys import TOKEN_SECONDS, TokenSigner, public_keys
from kernel.problems import Problem

ISSUER = "http://baseyear.test"
KEY = OKPKey.generate_key("Ed25519", parameters={"kid": "gateway.of-the-test", "use": "sig", "alg": ALGORITHM})


def token(client_id: str) -> str:
    return TokenSigner(KEY, ISSUER).sign(client_id, "app", "an app of the cache", ["activities:read"])


@pytest.fixture
def verifier() -> TokenVerifier:
    return TokenVerifier(public_keys(KEY), ISSUER)


def test_only_so_many_tokens_are_remembered(verifier, monkeypatch):
    monkeypatch.setattr(auth, "CACHED_TOKENS", 3)

    for number in range(20):
        verifier.verify(token(str(number)))

    gc.collect()
    assert sum(isinstance(thing, Principal) and thing.name == "an app of the cache" for thing in gc.get_objects()) <= 3


def test_a_token_is_remembered_unless_it_is_very_long(verifier):
    usual = token("one")
    entities = [f"0197a3c2-7d4e-7b1a-9f00-{number:012}" for number in range(100)]
    long = TokenSigner(KEY, ISSUER).sign("two", "app", "an app of many entities", ["activities:read"], entity_ids=entities)

    assert [verifier.verify(each).client_id for each in (usual, long)] == ["one", "two"]

    assert len(long) > 4 * 1024
    assert [verifier.remembers(each) for each in (usual, long)] == [True, False]


def test_a_remembered_token_of_a_deleted_client_is_refused_at_once(verifier):
    of_deleted, of_other = token("deleted"), token("other")
    verifier.verify(of_deleted)
    verifier.verify(of_other)

    verifier.revoke("deleted")

    with pytest.raises(Problem, match="deleted"):
        verifier.verify(of_deleted)
    with pytest.raises(Problem, match="deleted"):
        verifier.verify(token("deleted"))
    assert verifier.verify(of_other).client_id == "other"


def test_a_remembered_token_ends_when_it_says(verifier, monkeypatch):
    remembered = token("one")
    verifier.verify(remembered)
    later = time.time() + TOKEN_SECONDS + 1

    monkeypatch.setattr(auth.time, "time", lambda: later)

    with pytest.raises(Problem, match="expired"):
        verifier.verify(remembered)

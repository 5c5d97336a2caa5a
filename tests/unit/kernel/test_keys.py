"""Keys and private files: made once, readable by their owner only."""

import stat
from pathlib import Path

import pytest

from kernel.auth import TokenVerifier
from kernel.keys import TokenSigner, load_or_create_key, load_public_keys, public_keys, write_private_file
from kernel.problems import Problem


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_signing_key_is_made_once_and_private(tmp_path: Path) -> None:
    first, second = load_or_create_key(tmp_path, "gateway"), load_or_create_key(tmp_path, "gateway")

    assert first.as_dict(private=True) == second.as_dict(private=True)
    assert mode(tmp_path / "gateway.pem") == 0o600
    assert mode(tmp_path) == 0o700


def test_every_process_knows_the_public_keys_of_all(tmp_path: Path) -> None:
    keys = [load_or_create_key(tmp_path, name) for name in ("gateway", "inventory")]

    known = load_public_keys(tmp_path)

    assert [key.kid for key in known.keys] == [key.kid for key in keys]
    assert all("d" not in key for key in known.as_dict(private=False)["keys"])


def test_a_service_asks_others_with_a_key_of_its_own(tmp_path: Path) -> None:
    load_or_create_key(tmp_path, "gateway")
    signer = TokenSigner(load_or_create_key(tmp_path, "inventory"), "http://issuer")
    verifier = TokenVerifier(load_public_keys(tmp_path), "http://issuer")

    principal = verifier.verify(signer.sign("service:inventory", "service", "inventory", ["factors:read"]))

    assert (principal.client_id, principal.scopes) == ("service:inventory", {"factors:read"})


@pytest.mark.parametrize(
    ("client_id", "kind", "scope"),
    [
        ("service:reporting", "service", "factors:read"),
        ("operator", "operator", "factors:read"),
        ("service:inventory", "operator", "factors:read"),
        ("service:inventory", "service", "clients:manage"),
    ],
)
def test_the_key_of_a_service_makes_nobody_else_and_nothing_but_a_reader(tmp_path: Path, client_id: str, kind: str, scope: str) -> None:
    signer = TokenSigner(load_or_create_key(tmp_path, "inventory"), "http://issuer")
    verifier = TokenVerifier(load_public_keys(tmp_path), "http://issuer")

    with pytest.raises(Problem):
        verifier.verify(signer.sign(client_id, kind, "x", [scope]))


def test_a_key_that_was_replaced_verifies_as_long_as_its_public_half_lies_there(tmp_path: Path) -> None:
    old = TokenSigner(load_or_create_key(tmp_path, "gateway"), "http://issuer").sign("c1", "ehs", "EHS", [])
    (tmp_path / "public" / "gateway.pem").rename(tmp_path / "public" / "gateway.old.pem")
    (tmp_path / "gateway.pem").unlink()
    new = TokenSigner(load_or_create_key(tmp_path, "gateway"), "http://issuer").sign("c1", "ehs", "EHS", [])

    verifier = TokenVerifier(load_public_keys(tmp_path), "http://issuer")

    assert verifier.verify(old) == verifier.verify(new)


def test_the_public_keys_hold_nothing_private(tmp_path: Path) -> None:
    (key,) = public_keys(load_or_create_key(tmp_path, "gateway")).as_dict(private=False)["keys"]

    assert "d" not in key
    assert (key["use"], key["alg"]) == ("sig", "Ed25519")


def test_a_token_carries_its_principal(tmp_path: Path) -> None:
    key = load_or_create_key(tmp_path, "gateway")
    token = TokenSigner(key, "http://issuer").sign("c1", "ehs", "EHS", ["activities:write"], entity_ids=["e1"], source_systems=[])

    principal = TokenVerifier(public_keys(key), "http://issuer").verify(token)

    assert (principal.client_id, principal.kind, principal.name) == ("c1", "ehs", "EHS")
    assert (principal.scopes, principal.entity_ids, principal.source_systems) == ({"activities:write"}, ("e1",), ())


def test_a_private_file_replaces_the_one_before_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "operator.json"
    write_private_file(path, "first")
    path.chmod(0o644)

    write_private_file(path, "second")

    assert (path.read_text(), mode(path)) == ("second", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_where_a_private_file_shall_be_written_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_text("untouched")
    (tmp_path / "operator.partial").symlink_to(target)

    write_private_file(tmp_path / "operator.json", "secret")

    assert target.read_text() == "untouched"


@pytest.mark.parametrize("issuer", ["http://other", ""])
def test_a_token_of_another_issuer_is_none(tmp_path: Path, issuer: str) -> None:
    from kernel.problems import Problem

    key = load_or_create_key(tmp_path, "gateway")

    with pytest.raises(Problem):
        TokenVerifier(public_keys(key), "http://issuer").verify(TokenSigner(key, issuer).sign("c1", "ehs", "EHS", []))


def test_the_gateway_publishes_its_present_key_and_those_before_it(tmp_path: Path) -> None:
    load_or_create_key(tmp_path, "inventory")
    old = load_or_create_key(tmp_path, "gateway")
    (tmp_path / "public" / "gateway.pem").rename(tmp_path / "public" / "gateway.old.pem")
    (tmp_path / "gateway.pem").unlink()
    new = load_or_create_key(tmp_path, "gateway")

    assert {key.kid for key in load_public_keys(tmp_path, "gateway").keys} == {old.kid, new.kid}

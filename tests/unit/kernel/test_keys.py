"""Keys and private files: made once, readable by their owner only."""

import stat
from pathlib import Path

import pytest

from kernel.auth import TokenVerifier
from kernel.keys import TokenSigner, load_or_create_key, public_keys, write_private_file


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_signing_key_is_made_once_and_private(tmp_path: Path) -> None:
    first, second = load_or_create_key(tmp_path), load_or_create_key(tmp_path)

    assert first.as_dict(private=True) == second.as_dict(private=True)
    assert mode(tmp_path / "keys" / "signing-key.json") == 0o600
    assert mode(tmp_path / "keys") == 0o700


def test_the_public_keys_hold_nothing_private(tmp_path: Path) -> None:
    (key,) = public_keys(load_or_create_key(tmp_path)).as_dict(private=False)["keys"]

    assert "d" not in key
    assert (key["use"], key["alg"]) == ("sig", "Ed25519")


def test_a_token_carries_its_principal(tmp_path: Path) -> None:
    key = load_or_create_key(tmp_path)
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

    key = load_or_create_key(tmp_path)

    with pytest.raises(Problem):
        TokenVerifier(public_keys(key), "http://issuer").verify(TokenSigner(key, issuer).sign("c1", "ehs", "EHS", []))

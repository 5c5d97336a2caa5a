"""What `make secrets` leaves."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import make_url

from kernel.keys import load_key, load_public_keys
from tests.deploy.files import ROOT, SECRETS_SCRIPT, SERVICES, compose_file, make_secrets


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A folder of secrets that were made once."""
    done = make_secrets(tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path / "secrets"


def content_of(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def passwords_of(folder: Path) -> list[str]:
    addresses = [make_url(text.strip()) for name, text in content_of(folder).items() if name.endswith("_database_url")]
    return [str(address.password) for address in addresses] + [(folder / "postgres_password").read_text().strip()]


def test_every_file_that_compose_mounts_is_made(made: Path) -> None:
    declared = {**compose_file()["secrets"], **compose_file()["configs"]}

    assert {entry["file"].rpartition("}/")[2] for entry in declared.values()} == set(content_of(made))


def test_each_service_has_a_database_and_a_password_of_its_own(made: Path) -> None:
    addresses = [make_url((made / f"{name}_database_url").read_text().strip()) for name in SERVICES]

    assert [(address.username, address.database, address.host) for address in addresses] == [(name, name, "postgres") for name in SERVICES]
    assert len(set(passwords_of(made))) == len(SERVICES) + 1


def test_the_administrator_s_address_has_the_password_of_the_server(made: Path) -> None:
    address = make_url((made / "database_url").read_text().strip())

    assert (address.username, address.password) == ("postgres", (made / "postgres_password").read_text().strip())


def test_passwords_are_long_random_and_need_no_quoting(made: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    make_secrets(tmp_path / "other")
    secrets = [*passwords_of(made), (made / "operator_client_secret").read_text().strip()]

    assert all(re.fullmatch(r"[0-9a-f]{48}", secret) for secret in secrets)
    assert not set(secrets) & set(passwords_of(tmp_path / "other" / "secrets"))


def test_keys_are_those_that_services_sign_and_verify_with(made: Path) -> None:
    own = {name: load_key(made / "keys", name) for name in SERVICES}
    public = {key.kid: key for key in load_public_keys(made / "keys").keys}

    assert {key.kid for key in own.values()} == set(public)
    assert all(public[key.kid].thumbprint() == key.thumbprint() for key in own.values())
    assert not any(key.is_private for key in public.values())


def test_nobody_else_may_enter_the_folder_though_a_container_s_user_may_read_a_file_of_it(made: Path) -> None:
    assert made.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in made.rglob("*") if path.is_file()} == {0o644}


def test_made_again_nothing_changes(made: Path, tmp_path: Path) -> None:
    before, environment = content_of(made), (tmp_path / "environment").read_text()

    again = make_secrets(tmp_path)

    assert again.returncode == 0
    assert "0 of them new" in again.stdout
    assert content_of(made) == before
    assert (tmp_path / "environment").read_text() == environment


def test_what_is_missing_is_made_and_the_rest_is_kept(made: Path, tmp_path: Path) -> None:
    before = content_of(made)
    for name in ("reporting_database_url", "keys/reporting.pem", "keys/public/reporting.pem"):
        (made / name).unlink()

    make_secrets(tmp_path)

    after = content_of(made)
    assert set(after) == set(before)
    assert {name for name in before if after[name] != before[name]} == {
        "reporting_database_url",
        "keys/reporting.pem",
        "keys/public/reporting.pem",
    }


def test_what_an_operator_has_told_compose_already_stays(tmp_path: Path) -> None:
    (tmp_path / "environment").write_text("BASEYEAR_PORT=9000\nKAFKA_CLUSTER_ID=chosen\n")

    make_secrets(tmp_path)

    told = (tmp_path / "environment").read_text().splitlines()
    assert told == ["BASEYEAR_PORT=9000", "KAFKA_CLUSTER_ID=chosen", f"BASEYEAR_SECRETS_FOLDER={tmp_path / 'secrets'}"]


def test_kafka_s_cluster_id_is_of_the_form_that_kafka_wants(made: Path, tmp_path: Path) -> None:
    told = (tmp_path / "environment").read_text()

    assert re.search(r"^KAFKA_CLUSTER_ID=[A-Za-z0-9]{22}$", told, re.MULTILINE)


def test_without_openssl_it_says_so_and_leaves_no_empty_secret(tmp_path: Path) -> None:
    commands = tmp_path / "commands"
    commands.mkdir()
    for name in ("dirname", "mkdir", "chmod", "mv", "cat", "grep", "touch"):
        (commands / name).symlink_to(str(shutil.which(name)))

    done = subprocess.run(
        [str(shutil.which("sh")), str(SECRETS_SCRIPT), str(tmp_path / "secrets"), str(tmp_path / "environment")],
        env={"PATH": str(commands)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "openssl 1.1.1 or newer" in done.stderr
    assert content_of(tmp_path / "secrets") == {}


def test_what_is_made_is_committed_by_nobody() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()

    assert {"deploy/secrets/", ".env"} <= set(ignored)

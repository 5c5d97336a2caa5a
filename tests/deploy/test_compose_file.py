"""docker-compose.yml as it is written: what every service has, and what stands in none."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kernel.settings import PREFIX, Settings, variable_of
from tests.deploy.files import COMPOSE_FILE, ROOT, SERVICES, clean_environment, compose_file, make_secrets

CONTAINERS: dict[str, dict[str, Any]] = compose_file()["services"]
ONE_SHOT = {"migrate", "care"}
OURS = {*SERVICES, *ONE_SHOT}

every_container = pytest.mark.parametrize("name", CONTAINERS)
every_service = pytest.mark.parametrize("name", SERVICES)


def environment_of(name: str) -> dict[str, str]:
    return CONTAINERS[name].get("environment", {})


def secrets_of(name: str) -> dict[str, str]:
    """Source of each secret, by the place where the container finds it."""
    given = CONTAINERS[name].get("secrets", [])
    return {secret["target"]: secret["source"] for secret in given if isinstance(secret, dict)}


def is_setting(variable: str) -> bool:
    of_a_service = re.fullmatch(rf"{PREFIX}({'|'.join(SERVICES).upper()})_(DATABASE_URL|URL)", variable)
    return of_a_service is not None or variable in {variable_of(field) for field in Settings.model_fields}


def test_there_is_a_container_for_every_service_and_for_what_they_stand_on() -> None:
    assert set(CONTAINERS) == {*OURS, "postgres", "kafka"}
    assert [CONTAINERS[name]["command"] for name in SERVICES] == [["serve", name] for name in SERVICES]


@every_container
def test_a_container_is_bounded_in_memory_and_in_its_log(name: str) -> None:
    assert re.fullmatch(r"\d+[mg]", CONTAINERS[name]["mem_limit"])
    assert {"max-size", "max-file"} <= set(CONTAINERS[name]["logging"]["options"])


@every_container
def test_a_container_has_no_privileges(name: str) -> None:
    assert CONTAINERS[name]["cap_drop"] == ["ALL"]
    assert CONTAINERS[name]["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in CONTAINERS[name]


@pytest.mark.parametrize("name", sorted(set(CONTAINERS) - {"kafka"}))  # its start-up script writes beside its volume
def test_a_container_cannot_write_into_its_image(name: str) -> None:
    assert CONTAINERS[name]["read_only"] is True
    assert "/tmp" in CONTAINERS[name]["tmpfs"]


@every_container
def test_what_serves_comes_back_and_what_does_its_work_once_does_not(name: str) -> None:
    assert CONTAINERS[name]["restart"] == ("no" if name in ONE_SHOT else "unless-stopped")


@pytest.mark.parametrize("name", sorted(set(CONTAINERS) - ONE_SHOT))
def test_what_serves_is_asked_for_its_health_and_has_time_to_stop(name: str) -> None:
    assert {"test", "interval", "timeout", "start_period", "start_interval"} <= set(CONTAINERS[name]["healthcheck"])
    assert "stop_grace_period" in CONTAINERS[name]


@every_service
def test_a_service_starts_after_the_migrations_and_is_healthy_when_it_says_that_it_is_ready(name: str) -> None:
    assert CONTAINERS[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert CONTAINERS[name]["healthcheck"]["test"] == ["CMD", "python", "-m", "baseyear.readiness"]


@pytest.mark.parametrize("name", sorted(ONE_SHOT))
def test_what_an_administrator_does_waits_for_the_database_and_for_kafka(name: str) -> None:
    assert CONTAINERS[name]["depends_on"] == {name: {"condition": "service_healthy"} for name in ("postgres", "kafka")}


@pytest.mark.parametrize("name", sorted(OURS))
def test_variables_and_secrets_are_settings_that_exist(name: str) -> None:
    variables = set(environment_of(name)) | {place.upper() for place in secrets_of(name) if not place.startswith("/")}

    assert {variable for variable in variables if not is_setting(variable)} == set()


def test_a_setting_that_does_not_exist_would_be_found() -> None:
    assert not is_setting("BASEYEAR_KAFKA_BOOTSTRAPS")
    assert not is_setting("BASEYEAR_SUPPLIER_URL")


@every_service
def test_a_service_gets_its_own_database_and_key_and_everyone_s_public_keys(name: str) -> None:
    secrets, folder = secrets_of(name), environment_of(name)["BASEYEAR_KEYS"]
    public = {entry["target"]: entry["source"] for entry in CONTAINERS[name]["configs"]}

    assert secrets["baseyear_database_url"] == f"{name}_database_url"
    assert secrets[f"{folder}/{name}.pem"] == f"{name}_key"
    assert {place for place in secrets if place.startswith(folder)} == {f"{folder}/{name}.pem"}
    assert public == {f"{folder}/public/{other}.pem": f"{other}_public_key" for other in SERVICES}


def test_only_the_gateway_knows_the_operator_and_nothing_that_serves_the_administrator() -> None:
    knows = {name: set(secrets_of(name).values()) for name in OURS}

    assert {name for name in OURS if "operator_client_secret" in knows[name]} == {"gateway"}
    assert {name for name in OURS if "database_url" in knows[name]} == ONE_SHOT


def test_no_secret_stands_in_the_file() -> None:
    content = compose_file()

    assert all(set(entry) == {"file"} for kind in ("secrets", "configs") for entry in content[kind].values())
    suspicious = re.compile("PASSWORD|SECRET|TOKEN|KEY$|DATABASE_URL", re.IGNORECASE)
    assert [
        variable
        for name in CONTAINERS
        for variable in environment_of(name)
        if suspicious.search(variable) and not variable.endswith("_FILE")
    ] == []


def test_only_the_gateway_is_reached_from_outside_and_from_this_machine_alone() -> None:
    assert {name for name in CONTAINERS if "ports" in CONTAINERS[name]} == {"gateway"}
    assert CONTAINERS["gateway"]["ports"] == ["127.0.0.1:${BASEYEAR_PORT:-8000}:8000"]
    assert {name for name in CONTAINERS if CONTAINERS[name]["networks"] != ["inside"]} == {"gateway"}
    assert compose_file()["networks"]["inside"] == {"internal": True}


def test_the_gateway_alone_is_told_in_env_which_proxies_to_trust_and_has_all_other_settings_of_a_service() -> None:
    told = {"BASEYEAR_TRUSTED_PROXIES": "${BASEYEAR_TRUSTED_PROXIES:-}"}

    assert environment_of("gateway") == environment_of("inventory") | told
    assert not {name for name in OURS - {"gateway"} if told.keys() & environment_of(name).keys()}


@every_container
def test_a_container_can_be_one_of_several(name: str) -> None:
    assert "container_name" not in CONTAINERS[name]


def test_volumes_are_declared_and_used() -> None:
    volumes = [volume for container in CONTAINERS.values() for volume in container.get("volumes", [])]
    mounted = {volume.replace("${BASEYEAR_BACKUPS:-backups}", "backups").split(":")[0] for volume in volumes}

    assert mounted == set(compose_file()["volumes"])


def test_commands_run_only_when_asked_for_in_an_image_that_is_never_older_than_the_services() -> None:
    assert {name for name in CONTAINERS if "profiles" in CONTAINERS[name]} == {"care"}
    assert CONTAINERS["care"]["pull_policy"] == "build"
    assert {name: CONTAINERS[name]["build"]["target"] for name in ONE_SHOT} == {"migrate": "service", "care": "care"}


def test_images_of_others_are_of_a_fixed_version() -> None:
    assert {container["image"] for name, container in CONTAINERS.items() if name not in OURS} == {"postgres:18", "apache/kafka:4.3.1"}


@pytest.fixture
def docker() -> str:
    command = shutil.which("docker")
    if command is None or subprocess.run([command, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("there is no `docker compose` on this machine")
    return command


def config(docker: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [docker, "compose", "--project-directory", str(ROOT), "-f", str(COMPOSE_FILE), *options, "config", "--format", "json"]
    return subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)


def test_compose_refuses_without_secrets_and_says_what_to_do(docker: str, tmp_path: Path) -> None:
    (tmp_path / "nothing").touch()

    refused = config(docker, "--env-file", str(tmp_path / "nothing"))

    assert refused.returncode != 0
    assert refused.stderr.count("\n") == 1
    assert "run `make secrets` first" in refused.stderr


def test_compose_understands_the_file_once_there_are_secrets(docker: str, tmp_path: Path) -> None:
    make_secrets(tmp_path)

    understood = config(docker, "--env-file", str(tmp_path / "environment"))

    assert understood.returncode == 0, understood.stderr
    assert understood.stderr == ""
    secrets = json.loads(understood.stdout)["secrets"]
    assert all(Path(secret["file"]).is_file() for secret in secrets.values())

"""deploy/Dockerfile and .dockerignore as they are written."""

import re

import pytest

from tests.deploy.files import DOCKERFILE, ROOT

INSTRUCTIONS = re.sub(r"\\\n", "", re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE)).splitlines()
STAGES = re.split(r"^(?=FROM )", "\n".join(INSTRUCTIONS), flags=re.MULTILINE)[1:]
SERVICE, CARE = STAGES[-2].splitlines(), STAGES[-1].splitlines()


def arguments(instruction: str) -> list[str]:
    return [line.removeprefix(f"{instruction} ").strip() for line in SERVICE if line.startswith(f"{instruction} ")]


def test_what_builds_stays_in_a_stage_before() -> None:
    assert not any(re.search(r"\b(apt-get|pip3? install|curl|wget|make|gcc)\b", line) for line in [*SERVICE, *CARE])


def test_every_package_is_installed_from_a_file_of_hashes_or_from_the_wheel_of_the_project() -> None:
    installs = [command for line in INSTRUCTIONS for command in line.split("&&") if " install " in command and "pip" in command]

    assert installs
    assert [command for command in installs if "--require-hashes" not in command and "--no-index" not in command] == []


def test_it_runs_as_a_user_by_number_who_is_not_root() -> None:
    assert SERVICE[0].endswith(" AS service")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", arguments("USER")[-1])
    assert CARE[0] == "FROM service AS care"
    assert CARE[-1] == f"USER {arguments('USER')[-1]}"


def test_it_starts_the_command_and_stops_it_by_a_signal_that_drains() -> None:
    assert arguments("ENTRYPOINT") == ['["baseyear"]']
    assert arguments("STOPSIGNAL") == ["SIGTERM"]


@pytest.mark.parametrize("path", [DOCKERFILE, ROOT / "docker-compose.yml", ROOT / "requirements" / "build.txt"], ids=lambda path: path.name)
def test_no_address_of_a_registry_stands_in_it(path) -> None:
    content = path.read_text().replace("http://127.0.0.1", "")

    assert re.findall(r"https?://(?!(?:gateway|factors|inventory|reporting):8000)\S+|--(?:extra-)?index-url|--trusted-host", content) == []


def test_the_builder_sees_nothing_that_is_not_named() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]

    assert lines[0] == "*"
    shown = [line.removeprefix("!") for line in lines if line.startswith("!")]
    assert [path for path in shown if not (ROOT / path).exists()] == []
    assert not {path.split("/")[0] for path in shown} & {"deploy", "tests", ".git", ".venv", ".env", ".baseyear"}

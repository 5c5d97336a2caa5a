"""The files of a distributed installation, as they are written."""

import os
import subprocess
from pathlib import Path
from typing import Any

import yaml

from baseyear.provisioning import SCHEMAS

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_FILE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
SECRETS_SCRIPT = ROOT / "deploy" / "secrets.sh"
SERVICES = [schema.name for schema in SCHEMAS]


def compose_file() -> dict[str, Any]:
    """docker-compose.yml with its anchors resolved and its variables as they stand."""
    content: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text())
    return content


def clean_environment() -> dict[str, str]:
    """The environment without anything that would turn a test to a real installation."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("BASEYEAR_", "COMPOSE_", "KAFKA_"))}


def make_secrets(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run what `make secrets` runs, into `folder`/secrets and `folder`/environment."""
    command = ["sh", str(SECRETS_SCRIPT), str(folder / "secrets"), str(folder / "environment")]
    return subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)

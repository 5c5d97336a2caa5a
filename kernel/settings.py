"""Settings from environment variables or from files of secrets, each with a sentence, refused when wrong."""

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, IPvAnyNetwork, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "BASEYEAR_"
SECRETS_FOLDER = Path("/run/secrets")

_OF_ONE_SERVICE = re.compile(rf"^{PREFIX}([A-Z]+)_(DATABASE_URL|URL)$")
_FIELDS = {"DATABASE_URL": "service_database_urls", "URL": "service_urls"}


class SettingsRefused(Exception):
    """The environment holds a setting that Baseyear does not understand; the message names it and says what to do."""


def _listed(value: Any) -> Any:
    """A list as it stands in a variable: words between commas."""
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    home: Path = Field(Path(".baseyear"), description="Folder of the embedded database, the keys, the uploads and the operator file.")
    host: str = Field("127.0.0.1", description="Address on which this process listens.")
    port: int = Field(8000, ge=0, le=65535, description="Port on which this process listens; 0 takes a free one.")
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$",
        description="Address under which others reach the gateway; it is the issuer of tokens; every `baseyear serve` needs it.",
    )
    database_url: SecretStr | None = Field(
        None,
        description="postgresql://user:password@host/database. For `up` and `migrate` instead of the embedded server, with a user who may"
        " create roles; for `serve` the service's own.",
    )
    service_database_urls: Mapping[str, SecretStr] = Field(
        {},
        description="What `migrate` makes for one service, for example BASEYEAR_INVENTORY_DATABASE_URL: user, password and database.",
        json_schema_extra={"variable": f"{PREFIX}<SERVICE>_DATABASE_URL"},
    )
    service_urls: Mapping[str, str] = Field(
        {},
        description="Where `serve` reaches another service, for example BASEYEAR_FACTORS_URL=http://factors:8000.",
        json_schema_extra={"variable": f"{PREFIX}<SERVICE>_URL"},
    )
    keys: Path | None = Field(
        None,
        description="Folder of the Ed25519 keys (PEM): <service>.pem, and all public ones in public/; default BASEYEAR_HOME/keys.",
    )
    factor_pack: Path | None = Field(
        None, description="Folder of the factor pack to load, as `baseyear factors build` makes one; default the one that ships."
    )
    secrets: Path = Field(
        SECRETS_FOLDER,
        description="Folder of files that each hold one of these settings and have its name in small letters, as baseyear_database_url.",
    )
    kafka_bootstrap: str | None = Field(
        None,
        pattern=r"^[^\s:,]+:\d+(,[^\s:,]+:\d+)*$",
        description="host:port list of an Apache Kafka; without it events run over a log table in PostgreSQL, in one process.",
    )
    kafka_security: Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"] = Field(
        "plaintext", description="How Kafka is spoken to: plaintext, ssl, sasl_plaintext or sasl_ssl."
    )
    kafka_ca: Path | None = Field(None, description="Certificates (PEM) that sign those of the Kafka brokers; default the system's.")
    kafka_cert: Path | None = Field(None, description="Certificate (PEM) that this process shows to Kafka.")
    kafka_key: Path | None = Field(None, description="Key (PEM) of that certificate.")
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="How this process signs in to Kafka: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512."
    )
    kafka_username: str | None = Field(None, description="Name with which this process signs in to Kafka.")
    kafka_password: SecretStr | None = Field(None, description="Password of that name.")
    kafka_replication: int = Field(1, ge=1, le=9, description="On how many brokers `migrate` has each topic kept.")
    operator_client_id: str | None = Field(
        None, min_length=3, max_length=100, description="Client id of the first operator instead of a generated one."
    )
    operator_client_secret: SecretStr | None = Field(None, description="Secret of the first operator, at least 8 characters.")
    tls_cert: Path | None = Field(None, description="Certificate file (PEM) with which the gateway serves https.")
    tls_key: Path | None = Field(None, description="Key file (PEM) of the certificate.")
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode, BeforeValidator(_listed)] = Field(
        (),
        description="Networks of the proxies in front of the gateway, for example 10.20.0.7/32,fd12::/64: from them it takes the client's"
        " address in X-Forwarded-For and the scheme in X-Forwarded-Proto, from nobody else.",
    )
    rate_limits: str = Field(
        "",
        description="Changes to the gateway's quotas by kind of client, such as ehs=120000/60,app=off; `off` alone: none.",
    )
    webhook_private_networks: Annotated[tuple[IPvAnyNetwork, ...], NoDecode, BeforeValidator(_listed)] = Field(
        (),
        description="Networks inside to which webhooks may be sent beside the public internet, for example 10.20.0.0/16,fd12::/64;"
        " on this machine (127.0.0.0/8) also by http.",
    )
    log_format: str = Field(
        "auto", pattern="^(auto|json|text)$", description="Log lines as json, as text, or by whether a terminal reads them (auto)."
    )
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="The least severe log lines that are written.")

    @model_validator(mode="after")
    def _pairs_are_complete(self) -> Self:
        if (self.operator_client_id is None) != (self.operator_client_secret is None):
            raise ValueError("set both BASEYEAR_OPERATOR_CLIENT_ID and BASEYEAR_OPERATOR_CLIENT_SECRET, or neither")
        if self.operator_client_secret is not None and len(self.operator_client_secret.get_secret_value()) < 8:
            raise ValueError("BASEYEAR_OPERATOR_CLIENT_SECRET must have at least 8 characters")
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("set both BASEYEAR_TLS_CERT and BASEYEAR_TLS_KEY, or neither")
        if (self.kafka_cert is None) != (self.kafka_key is None):
            raise ValueError("set both BASEYEAR_KAFKA_CERT and BASEYEAR_KAFKA_KEY, or neither")
        if self.kafka_security.startswith("sasl") and (self.kafka_username is None or self.kafka_password is None):
            raise ValueError(f"BASEYEAR_KAFKA_SECURITY={self.kafka_security} needs BASEYEAR_KAFKA_USERNAME and BASEYEAR_KAFKA_PASSWORD")
        return self

    @property
    def keys_folder(self) -> Path:
        return self.keys or self.home / "keys"


def load_settings() -> Settings:
    """Settings of this process; raises SettingsRefused with every mistake in one message."""
    folder = Path(os.environ.get(f"{PREFIX}SECRETS") or SECRETS_FOLDER)
    names = set(os.environ) | {path.name.upper() for path in _secret_files(folder)}
    mistakes = _misspelt(names)
    try:
        settings = Settings(_secrets_dir=folder if folder.is_dir() else None, **_of_services(folder))
    except ValidationError as error:
        mistakes += [_explain(tuple(map(str, line["loc"])), line["msg"]) for line in error.errors(include_input=False)]
    if mistakes:
        raise SettingsRefused("These settings cannot be used:\n  " + "\n  ".join(mistakes))
    return settings


def variable_of(name: str) -> str:
    """The environment variable of a setting."""
    extra = Settings.model_fields[name].json_schema_extra
    return str(extra["variable"]) if isinstance(extra, dict) else f"{PREFIX}{name.upper()}"


def _secret_files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith(PREFIX.lower())] if folder.is_dir() else []


def _of_services(folder: Path) -> dict[str, Any]:
    """The settings that there may be of every service, by service."""
    given = {path.name.upper(): path.read_text().strip() for path in _secret_files(folder)} | os.environ
    found: dict[str, dict[str, str]] = {}
    for variable, value in given.items():
        match = _OF_ONE_SERVICE.match(variable)
        if match and value and variable not in _known():
            found.setdefault(_FIELDS[match[2]], {})[match[1].lower()] = value
    return found


def _known() -> set[str]:
    return {variable_of(name) for name in Settings.model_fields}


def _misspelt(names: set[str]) -> list[str]:
    """Variables that look like a setting and are none; others with our prefix may be a client's own."""
    known = {name.removeprefix(PREFIX): name for name in _known()}
    lines = []
    for name in sorted(names):
        said = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and said not in known:
            alike = 0.85 if _OF_ONE_SERVICE.match(name) else 0.7
            near = difflib.get_close_matches(said, known, n=1, cutoff=alike)
            lines += [f"{name} is not a setting of Baseyear; did you mean {known[meant]}?" for meant in near]
    return lines


def _explain(location: tuple[str, ...], message: str) -> str:
    if not location:
        return message.removeprefix("Value error, ")
    field = Settings.model_fields.get(location[0])
    sentence = f" ({field.description})" if field is not None else ""
    return f"{PREFIX}{location[0].upper()}: {message}{sentence}"

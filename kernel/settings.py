"""Settings from environment variables, each with a sentence, refused when wrong."""

import difflib
import os
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "BASEYEAR_"


class SettingsRefused(Exception):
    """The environment holds a setting that Baseyear does not understand; the message names it and says what to do."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    home: Path = Field(Path(".baseyear"), description="Folder of the embedded database, the keys, the uploads and the operator file.")
    host: str = Field("127.0.0.1", description="Address on which the gateway listens.")
    port: int = Field(8000, ge=0, le=65535, description="Port on which the gateway listens; 0 takes a free one.")
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$",
        description="Address under which others reach the gateway; it is the issuer of tokens.",
    )
    database_url: SecretStr | None = Field(
        None,
        description="postgresql://user:password@host/database instead of the embedded server; the user must be allowed to create roles.",
    )
    kafka_bootstrap: str | None = Field(
        None, description="host:port list of an Apache Kafka; this edition runs on the log table and refuses it."
    )
    operator_client_id: str | None = Field(
        None, min_length=3, max_length=100, description="Client id of the first operator instead of a generated one."
    )
    operator_client_secret: SecretStr | None = Field(None, description="Secret of the first operator, at least 8 characters.")
    tls_cert: Path | None = Field(None, description="Certificate file (PEM) with which the gateway serves https.")
    tls_key: Path | None = Field(None, description="Key file (PEM) of the certificate.")
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
        if self.kafka_bootstrap is not None:
            raise ValueError(
                "BASEYEAR_KAFKA_BOOTSTRAP is not served by this edition: unset it, events run over the log table in PostgreSQL"
            )
        return self


def load_settings() -> Settings:
    """Settings of this process; raises SettingsRefused with every mistake in one message."""
    mistakes = _misspelt_variables()
    try:
        settings = Settings()
    except ValidationError as error:
        mistakes += [_explain(tuple(map(str, line["loc"])), line["msg"]) for line in error.errors(include_input=False)]
    if mistakes:
        raise SettingsRefused("These settings cannot be used:\n  " + "\n  ".join(mistakes))
    return settings


def _misspelt_variables() -> list[str]:
    """Variables that look like a setting and are none; others with our prefix may be a client's own."""
    known = {name.upper() for name in Settings.model_fields}
    lines = []
    for name in sorted(os.environ):
        said = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and said not in known:
            near = difflib.get_close_matches(said, known, n=1, cutoff=0.7)
            lines += [f"{name} is not a setting of Baseyear; did you mean {PREFIX}{meant}?" for meant in near]
    return lines


def _explain(location: tuple[str, ...], message: str) -> str:
    if not location:
        return message.removeprefix("Value error, ")
    field = Settings.model_fields.get(location[0])
    sentence = f" ({field.description})" if field is not None else ""
    return f"{PREFIX}{location[0].upper()}: {message}{sentence}"

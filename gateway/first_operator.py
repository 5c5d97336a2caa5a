"""The first operator: from the settings, or made at the first start and written into `operator.json`."""

import json
from pathlib import Path

import structlog
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from gateway.clients import digests_of, insert_client, keep_secret
from gateway.credentials import digest, matches, new_secret
from gateway.grants import grant
from gateway.scopes import DEFAULTS
from gateway.tables import Client
from kernel import audit
from kernel.auth import Principal
from kernel.database import SYSTEM, Session
from kernel.identifiers import uuid7
from kernel.keys import write_private_file
from kernel.settings import Settings

log = structlog.get_logger()

INSTALLATION = Principal(SYSTEM, "service", "the installation itself", frozenset(DEFAULTS["operator"]))


class OperatorFile:
    """`BASEYEAR_HOME/operator.json`, readable by its owner only."""

    def __init__(self, home: Path, token_url: str) -> None:
        self._path = home / "operator.json"
        self._token_url = token_url

    def client_id(self) -> str | None:
        """The client that the file names; None without a file that can be read."""
        try:
            client_id = json.loads(self._path.read_text())["client_id"]
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        return client_id if isinstance(client_id, str) else None

    def write(self, client_id: str, secret: str) -> None:
        content = {"client_id": client_id, "client_secret": secret, "token_url": self._token_url}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_private_file(self._path, json.dumps(content, indent=2) + "\n")


async def ensure_operator(session: Session, settings: Settings, file: OperatorFile) -> tuple[str, str] | None:
    """Have an operator; returns the id and secret to be written into the file once the session has committed, None if it is right."""
    if settings.operator_client_id is not None and settings.operator_client_secret is not None:
        await _operator_of_settings(session, settings.operator_client_id, settings.operator_client_secret.get_secret_value())
        return None
    return await _operator_of_file(session, file)


async def _operator_of_settings(session: Session, client_id: str, secret: str) -> None:
    """Take a secret of the settings once: where it was replaced over the API since, it stays invalid."""
    client = await session.get(Client, client_id) or await _add_operator(session, client_id, secret)
    if client.state == "deleted":
        log.warning("operator_was_deleted", client_id=client_id, hint="choose another BASEYEAR_OPERATOR_CLIENT_ID")
        return
    if not matches(secret, await digests_of(session, client_id)):
        if client.secret_of_settings == digest(secret):
            log.warning("operator_secret_was_replaced", client_id=client_id, hint="choose another BASEYEAR_OPERATOR_CLIENT_SECRET")
        else:
            await keep_secret(session, client, secret)
            await audit.record(session, INSTALLATION, "add_client_secret", f"client {client_id}", reason="BASEYEAR_OPERATOR_CLIENT_SECRET")
    client.secret_of_settings = digest(secret)


async def _operator_of_file(session: Session, file: OperatorFile) -> tuple[str, str] | None:
    """A lost file gets a new secret of the eldest operator; an installation without an operator gets one."""
    secret = new_secret()
    operator = (await session.exec(_eldest_operator())).one_or_none()
    if operator is None:
        client_id = str(uuid7())
        await _add_operator(session, client_id, secret)
        return client_id, secret
    named = file.client_id()
    client = await session.get(Client, named) if named is not None else None
    if client is not None and client.state == "active":
        return None
    await keep_secret(session, operator, secret)
    await audit.record(session, INSTALLATION, "add_client_secret", f"client {operator.id}", reason="operator.json was lost")
    return operator.id, secret


def _eldest_operator() -> SelectOfScalar[Client]:
    """The eldest of those who can let others in, everywhere."""
    return (
        select(Client)
        .where(
            Client.kind == "operator",
            Client.state == "active",
            col(Client.scopes).op("@>")(["clients:manage"]),
            func.cardinality(col(Client.entity_ids)) + func.cardinality(col(Client.source_systems)) == 0,
        )
        .order_by(col(Client.created_at), col(Client.id))
        .limit(1)
    )


async def _add_operator(session: Session, client_id: str, secret: str) -> Client:
    name = f"First operator {client_id}"
    client = await insert_client(session, INSTALLATION, name, grant("operator"), client_id=client_id, secret=secret)
    if client is None:
        raise RuntimeError(f"the first operator cannot be made: another client has the name {name!r}")
    return client

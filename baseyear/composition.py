"""What services stand on, laid for those of one process, be it all of them or one."""

import hashlib
import importlib
from collections.abc import Callable, Mapping
from pathlib import Path

from joserfc.jwk import OKPKey
from sqlalchemy import URL
from starlette.types import ASGIApp

import gateway.app
from baseyear import VERSION
from baseyear.provisioning import SCHEMAS
from gateway.app import Gateway
from kernel.auth import TokenVerifier
from kernel.bus import Bus
from kernel.bus.log_table import LogTableBus, Wakeup
from kernel.database import Database
from kernel.files import Files
from kernel.keys import TokenSigner, load_key, load_or_create_key, load_public_keys
from kernel.pages import Cursors
from kernel.questions import Questions
from kernel.service import Ground, Service
from kernel.settings import Settings, SettingsRefused

QUESTION_SCOPES = ["factors:read", "activities:read", "inventories:read", "entities:read", "reports:read"]


class KeysMissing(SettingsRefused):
    """A key lies not where it should; the message says what to do."""


class Composition:
    """Lays the ground of services.

    issuer  the address that access tokens name
    """

    def __init__(self, settings: Settings, issuer: str) -> None:
        self.settings = settings
        self.issuer = issuer
        self._verifier = TokenVerifier(load_public_keys(settings.keys_folder), issuer)
        self._bus = _bus_of(settings)

    def ground(self, name: str, address: URL, questions: Mapping[str, Questions]) -> Ground:
        """What the service `name` stands on, with its database at `address`."""
        database = Database(address, name)
        cursors = Cursors(hashlib.sha256(b"cursors" + self.key(name).as_bytes(private=True)).digest())
        files = Files(self.settings.home / "files" / name)
        return Ground(self.settings, database, self._bus(database), self._verifier, cursors, files, VERSION, questions)

    def key(self, name: str) -> OKPKey:
        """The service's own key; raises KeysMissing."""
        try:
            return load_key(self.settings.keys_folder, name)
        except FileNotFoundError:
            raise KeysMissing(
                f"{self.settings.keys_folder / name}.pem is missing: run `baseyear migrate`, which makes the keys of an installation in its"
                " BASEYEAR_HOME, or set BASEYEAR_KEYS to the folder that has them."
            ) from None

    def own_token(self, name: str) -> Callable[[], str]:
        """Gives tokens with which the service asks others."""
        signer = TokenSigner(self.key(name), self.issuer)
        return lambda: signer.sign(f"service:{name}", "service", name, QUESTION_SCOPES)


def assemble(name: str, ground: Ground) -> Service:
    """One of the services behind the gateway."""
    service: Service = importlib.import_module(f"services.{name}.app").assemble(ground)
    return service


def gateway_before(composition: Composition, address: URL, upstreams: Mapping[str, ASGIApp]) -> Gateway:
    """The gateway before the services in `upstreams`."""
    key = composition.key("gateway")
    return gateway.app.assemble(composition.ground("gateway", address, {}), TokenSigner(key, composition.issuer), key, upstreams)


def create_keys(folder: Path) -> None:
    """Make the keys of all services that have none."""
    for schema in SCHEMAS:
        load_or_create_key(folder, schema.name)


def _bus_of(settings: Settings) -> Callable[[Database], Bus]:
    if settings.kafka_bootstrap is None:
        wakeup = Wakeup()
        return lambda database: LogTableBus(database, wakeup)
    from kernel.bus.kafka import KafkaBus, connection_options  # noqa: PLC0415 - the extra `kafka`

    options = connection_options(settings)
    return lambda database: KafkaBus(options, database)

"""`baseyear check`: configuration and health, looked at from outside; nothing is changed.

Of all services, as their administrator, or of one as itself, with the settings of `baseyear serve`.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import httpx
from sqlalchemy import URL, make_url

from baseyear.beginning_anew import services_at_rest
from baseyear.checking_databases import check_database, check_lag
from baseyear.findings import Finding, look, ok, wrong
from baseyear.provisioning import SCHEMAS, decided_addresses, runtime_addresses
from baseyear.serving import database_at_hand, url_of_running
from contracts.topics import TOPICS
from kernel.keys import load_key, load_public_keys
from kernel.settings import Settings, SettingsRefused

NAMES = [schema.name for schema in SCHEMAS]
PRIVATE_FILES = ("operator.json", "database-roles.json", "superuser-password")
ROOM_LOOK, ROOM_WRONG = 2_000_000_000, 200_000_000  # bytes
HEALTH_SECONDS = 5


async def check(settings: Settings, service: str | None) -> list[Finding]:
    """Everything that can be seen from here; of one service, or of all."""
    if service is not None and service not in NAMES:
        raise SettingsRefused(f"There is no service {service}; there are {', '.join(NAMES)}.")
    names = NAMES if service is None else [service]
    findings = [ok("settings", f"{len(settings.model_fields_set)} set, all understood"), *_room(settings), *_private_files(settings)]
    findings += _keys(settings, names)
    findings += await _kafka(settings)
    findings += await (_as_administrator(settings) if service is None else _as_itself(settings, service))
    return findings + await _health(settings, names)


async def _as_administrator(settings: Settings) -> list[Finding]:
    if settings.database_url is None and not (settings.home / "cluster").exists():
        return [wrong("database", f"there is none in {settings.home}", "Start Baseyear once, or set BASEYEAR_HOME to its folder.")]
    async with database_at_hand(settings) as (admin, _):
        return await _services(settings, runtime_addresses(admin, SCHEMAS, settings.home, decided_addresses(settings)), NAMES)


async def _as_itself(settings: Settings, service: str) -> list[Finding]:
    if settings.database_url is None:
        return [wrong(f"database {service}", "its address is not set", "Set BASEYEAR_DATABASE_URL as for `baseyear serve`.")]
    own = make_url(settings.database_url.get_secret_value())
    return await _services(settings, dict.fromkeys(NAMES, own), [service])


async def _services(settings: Settings, addresses: Mapping[str, URL], names: list[str]) -> list[Finding]:
    findings = []
    async with services_at_rest(settings, addresses) as parts:
        for schema in SCHEMAS:
            if schema.name in names:
                of_database = await check_database(schema, addresses[schema.name])
                findings += of_database
                if all(finding.state != "wrong" for finding in of_database[:1]):
                    findings.append(await check_lag(parts.services[schema.name]))
    return findings


async def _kafka(settings: Settings) -> list[Finding]:
    if settings.kafka_bootstrap is None:
        return [ok("events", "run over a log table in PostgreSQL")]
    from kernel.bus.kafka import connection_options, topic_differences  # noqa: PLC0415 - the extra `kafka`

    try:
        differences = await topic_differences(connection_options(settings), TOPICS, settings.kafka_replication)
    except Exception as error:  # whatever Kafka or the network says
        remedy = "Is Kafka running, and are BASEYEAR_KAFKA_BOOTSTRAP and what belongs to it right?"
        return [wrong("kafka", f"not reachable at {settings.kafka_bootstrap}: {error}", remedy)]
    if differences:
        return [
            wrong("kafka", line, "`baseyear migrate` makes missing topics; others: docs/how-to/look-after-events.md.")
            for line in differences
        ]
    return [ok("kafka", f"{len(TOPICS)} topics, all as they should be")]


def _keys(settings: Settings, names: list[str]) -> list[Finding]:
    folder, remedy = settings.keys_folder, "`baseyear migrate` makes the keys of an installation; or set BASEYEAR_KEYS to their folder."
    private = {name: folder / f"{name}.pem" for name in names}
    missing = [str(path) for path in private.values() if not path.exists()]
    missing += [str(folder / "public" / f"{name}.pem") for name in NAMES if not any((folder / "public").glob(f"{name}.*"))]
    if missing:
        return [wrong("keys", f"missing: {', '.join(missing)}", remedy)]
    try:
        for name in names:
            load_key(folder, name)
        public = len(load_public_keys(folder).keys)
    except ValueError as error:
        return [wrong("keys", f"a file in {folder} is no Ed25519 key in PEM: {error}", remedy)]
    return [ok("keys", f"{', '.join(names)}; {public} public ones"), *_readable_by_others(list(private.values()))]


def _private_files(settings: Settings) -> list[Finding]:
    return _readable_by_others([settings.home / name for name in PRIVATE_FILES])


def _readable_by_others(paths: list[Path]) -> list[Finding]:
    """Files that hold secrets; whoever mounts them decides who may read them, so it is no more than a hint."""
    return [
        look("secrets", f"{path} can be read by others than its owner", f"chmod 600 {path}")
        for path in paths
        if path.exists() and path.stat().st_mode & 0o077
    ]


def _room(settings: Settings) -> list[Finding]:
    place = next(path for path in (settings.home.resolve(), *settings.home.resolve().parents) if path.exists())
    free = shutil.disk_usage(place).free
    said = f"{free / 1e9:,.1f} GB free at {place}"
    findings = []
    if not os.access(place, os.W_OK):
        findings.append(look("disk", f"{place} cannot be written", "Set BASEYEAR_HOME to a folder that can be."))
    if free < ROOM_LOOK:
        remedy = "Make room: when the disk is full, nothing can be written, and requests are answered 503."
        return [*findings, (wrong if free < ROOM_WRONG else look)("disk", said, remedy)]
    return [*findings, ok("disk", said)]


async def _health(settings: Settings, names: list[str]) -> list[Finding]:
    """Of the services whose addresses are known here."""
    urls = dict(settings.service_urls)
    running = settings.public_url or url_of_running(settings)
    if running is not None and "gateway" in names:
        urls["gateway"] = running
    findings = []
    async with httpx.AsyncClient(timeout=HEALTH_SECONDS, verify=settings.tls_cert is None) as http:
        for name, url in urls.items():
            findings.append(await _ready(http, name, url))
    return findings


async def _ready(http: httpx.AsyncClient, name: str, url: str) -> Finding:
    try:
        status = (await http.get(f"{url}/health/ready")).status_code
    except httpx.HTTPError as error:
        return look(
            f"health {name}", f"{url} does not answer: {error!r}", f"Start it, if {name} should be running; its log says why it is not."
        )
    if status == 200:
        return ok(f"health {name}", f"ready at {url}")
    return wrong(f"health {name}", f"{url} answers {status}: it is not ready", f"The log of {name} says why.")

"""`baseyear check`: each fault is found and comes with what to do; a sound installation has none."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import URL

from baseyear import checking, checking_databases
from baseyear.checking import check
from baseyear.composition import create_keys
from baseyear.embedded import EmbeddedPostgres
from baseyear.findings import Finding, page_of
from baseyear.provisioning import connect
from kernel.bus.kafka import create_topics, delete_topics, topic_differences
from kernel.settings import Settings, SettingsRefused
from kernel.unfinished import PUT_BACK
from tests.brokers.choice import Kafka
from tests.brokers.mock import MockKafka
from tests.contracts.conftest import SampleTopic, options_for
from tests.ports import free_port


@pytest.fixture
def admin(databases: dict[str, URL], postgres: EmbeddedPostgres) -> URL:
    return postgres.url(databases["gateway"].database)


@pytest.fixture
def sound(settings: Settings, admin: URL) -> Settings:
    """The administrator's settings of an installation without a fault."""
    create_keys(settings.keys_folder)
    return with_database(settings, admin)


def with_database(settings: Settings, url: URL) -> Settings:
    text = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return settings.model_copy(update={"database_url": SecretStr(text)})


def faults(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.state != "ok"]


async def one_fault(settings: Settings, service: str | None = None) -> Finding:
    found = faults(await check(settings, service))
    assert len(found) == 1, page_of(found)
    assert found[0].remedy
    return found[0]


async def execute(admin: URL, statement: str) -> None:
    connection = await connect(admin)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_sound_installation_has_no_fault_and_one_page(sound: Settings) -> None:
    findings = await check(sound, None)

    assert faults(findings) == []
    page = page_of(findings)
    assert page.endswith("All is as it should be.")
    assert len(page.splitlines()) < 25
    assert all(f"tables {name}" in page and f"events {name}" in page for name in checking.NAMES)


async def test_one_service_is_checked_with_its_own_settings(sound: Settings, databases: dict[str, URL]) -> None:
    findings = await check(with_database(sound, databases["inventory"]), "inventory")

    assert faults(findings) == []
    assert {finding.what.split()[1] for finding in findings if " " in finding.what} == {"inventory"}


async def test_there_is_no_other_service(sound: Settings) -> None:
    with pytest.raises(SettingsRefused, match="There is no service suppliers"):
        await check(sound, "suppliers")


@pytest.mark.parametrize(("revision", "remedy"), [("0001", "baseyear migrate"), ("9999", "newer one")])
async def test_tables_that_are_not_at_the_head(sound: Settings, admin: URL, revision: str, remedy: str) -> None:
    await execute(admin, f"UPDATE inventory.alembic_version SET version_num = '{revision}'")

    fault = await one_fault(sound)

    assert (fault.state, fault.what) == ("wrong", "tables inventory")
    assert remedy in fault.remedy


async def test_a_role_that_may_too_much(sound: Settings, admin: URL) -> None:
    fault = await one_fault(with_database(sound, admin), "reporting")  # the administrator's own

    assert fault.state == "wrong"
    assert "is a superuser" in fault.said


async def test_a_database_that_is_not_reachable(sound: Settings, admin: URL) -> None:
    found = faults(await check(with_database(sound, admin.set(query={}, host="127.0.0.1", port=free_port())), None))

    assert [(fault.state, fault.what) for fault in found] == [("wrong", f"database {name}") for name in checking.NAMES]
    assert all("Is PostgreSQL running" in fault.remedy for fault in found)


async def test_events_that_wait_to_be_published(sound: Settings, admin: URL) -> None:
    await execute(
        admin,
        "INSERT INTO inventory.outbox (topic, key, headers, value, recorded_at)"
        " VALUES ('t', 'k', '{}', '{}', clock_timestamp() - interval '3 hours')",
    )

    fault = await one_fault(sound)

    assert (fault.state, fault.what) == ("look", "events inventory")
    assert "1 to be published, the oldest for 3 hours" in fault.said


async def test_events_that_are_parked(sound: Settings, admin: URL) -> None:
    await execute(
        admin,
        "INSERT INTO reporting.dead_letter (consumer, topic, position, key, headers, value, reason)"
        " VALUES ('reporting', 't', 1, 'k', '{}', '{}', 'a fault')",
    )

    fault = await one_fault(sound)

    assert (fault.state, fault.what) == ("wrong", "events reporting")
    assert "baseyear events dead-letters" in fault.remedy


async def test_events_that_are_not_read(sound: Settings, admin: URL) -> None:
    await execute(admin, "DELETE FROM bus.cursor WHERE consumer = 'reporting'")

    fault = await one_fault(sound)

    assert (fault.state, fault.what) == ("look", "events reporting")


async def test_a_topic_that_was_not_said_again_whole_until_it_is(sound: Settings, admin: URL) -> None:
    job = "INSERT INTO inventory.job (id, kind, payload, state, error) VALUES ('{}', 'republish', '{{\"topic\": \"t\"}}', '{}', 'a fault')"
    await execute(admin, job.format("019a0000-0000-7000-8000-000000000001", "failed"))

    fault = await one_fault(sound)

    assert (fault.state, fault.what, fault.said) == ("wrong", "events inventory", "t was not said again whole: a fault")
    await execute(admin, job.format("019a0000-0000-7000-8000-000000000002", "done"))
    assert faults(await check(sound, None)) == []


async def test_a_restore_that_was_interrupted(sound: Settings, admin: URL) -> None:
    await execute(admin, f"COMMENT ON SCHEMA inventory IS '{PUT_BACK}'")

    fault = await one_fault(sound)

    assert (fault.state, fault.what, fault.remedy) == ("wrong", "tables inventory", PUT_BACK)


async def test_that_history_is_approximate_is_said(sound: Settings, admin: URL) -> None:
    await execute(admin, "INSERT INTO reporting.history_begin VALUES ('2026-01-31 10:00Z', 'restored reporting')")

    (finding,) = [finding for finding in await check(sound, None) if finding.what == "history reporting"]

    assert finding.said == "what it heard before 2026-01-31 10:00 UTC is approximate: restored reporting"


@pytest.mark.parametrize(("apart", "state"), [(5, "look"), (-90, "wrong")])
async def test_clocks_that_are_apart(
    sound: Settings, databases: dict[str, URL], monkeypatch: pytest.MonkeyPatch, apart: float, state: str
) -> None:
    real = time.time
    monkeypatch.setattr(checking_databases.time, "time", lambda: real() + apart)

    fault = await one_fault(with_database(sound, databases["inventory"]), "inventory")

    assert fault.state == state
    assert fault.said == f"clocks are {abs(apart)}.0 s apart"


async def test_a_key_that_is_missing(sound: Settings, tmp_path: Path) -> None:
    create_keys(tmp_path)
    (tmp_path / "inventory.pem").unlink()
    (tmp_path / "public" / "reporting.pem").unlink()

    fault = await one_fault(sound.model_copy(update={"keys": tmp_path}))

    assert (fault.state, fault.what) == ("wrong", "keys")
    assert "inventory.pem" in fault.said
    assert "public/reporting.pem" in fault.said


async def test_a_key_that_others_can_read(sound: Settings, tmp_path: Path) -> None:
    create_keys(tmp_path)
    (tmp_path / "inventory.pem").chmod(0o644)

    fault = await one_fault(sound.model_copy(update={"keys": tmp_path}))

    assert (fault.state, fault.what) == ("look", "secrets")
    assert fault.remedy == f"chmod 600 {tmp_path / 'inventory.pem'}"


async def test_what_should_be_a_key_and_is_none(sound: Settings, tmp_path: Path) -> None:
    create_keys(tmp_path)
    (tmp_path / "inventory.pem").write_text("no key")

    fault = await one_fault(sound.model_copy(update={"keys": tmp_path}))

    assert (fault.state, fault.what) == ("wrong", "keys")


async def test_a_disk_that_is_nearly_full(sound: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "ROOM_LOOK", 10**18)

    fault = await one_fault(sound)

    assert (fault.state, fault.what) == ("look", "disk")


async def test_a_service_that_does_not_answer_or_is_not_ready(sound: Settings) -> None:
    with answering(503) as port:
        urls = {"factors": f"http://127.0.0.1:{free_port()}", "inventory": f"http://127.0.0.1:{port}"}
        found = faults(await check(sound.model_copy(update={"service_urls": urls}), None))

    assert [(fault.state, fault.what) for fault in found] == [("look", "health factors"), ("wrong", "health inventory")]


async def test_kafka_that_is_not_reachable(sound: Settings) -> None:
    found = faults(await check(sound.model_copy(update={"kafka_bootstrap": f"127.0.0.1:{free_port()}"}), None))

    assert ("wrong", "kafka") in [(fault.state, fault.what) for fault in found]


@pytest.mark.kafka
async def test_topics_other_than_the_contracts_want_them(kafka: Kafka) -> None:
    if isinstance(kafka, MockKafka):
        pytest.skip("the mock does not tell how topics are configured")
    options = options_for(kafka.bootstrap)
    as_made = [SampleTopic("baseyear.alpha.same.v1"), SampleTopic("baseyear.alpha.other.v1", partitions=3, retention_days=30)]
    as_wanted = [as_made[0], SampleTopic("baseyear.alpha.other.v1", partitions=4), SampleTopic("baseyear.alpha.none.v1")]
    await create_topics(options, as_made, 1)
    try:
        lines = await topic_differences(options, as_wanted, 1)
    finally:
        await delete_topics(options, as_made)

    assert lines == [
        "baseyear.alpha.none.v1 is missing",
        "baseyear.alpha.other.v1 has partitions 3 and not 4",
        "baseyear.alpha.other.v1 has retention.ms 2592000000 and not -1",
    ]


# The quick question of a container's health check


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A port that answers every request with this status."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/ready" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Said to nobody."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("question", [["-m", "baseyear.readiness"], [str(Path(sys.executable).parent / "baseyear"), "check", "--ready"]])
def test_whether_this_machines_baseyear_is_ready(question: list[str]) -> None:
    def asked(port: int) -> int:
        return subprocess.run([sys.executable, *question], env={"BASEYEAR_PORT": str(port)}, check=False, capture_output=True).returncode

    with answering(200) as ready, answering(503) as unready:
        assert (asked(ready), asked(unready), asked(free_port())) == (0, 1, 1)


def test_the_quick_question_loads_nothing_of_ours() -> None:
    loaded = "import sys, baseyear.readiness; print(*[name for name in sys.modules if name in ('pydantic', 'typer', 'kernel', 'rich')])"

    assert subprocess.run([sys.executable, "-c", loaded], check=True, capture_output=True, text=True).stdout.strip() == ""

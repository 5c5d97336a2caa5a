"""How a process gets at Kafka: TLS, passwords, certificates, and in which words it is told that it does not."""

from pathlib import Path
from typing import Any

import pytest

from kernel.bus.kafka import BusUnavailable, KafkaBus, create_topics
from kernel.database import Database
from kernel.outbox import Message
from tests.api.kernel.ground import TOPIC, SampleServices, record
from tests.brokers.certificates import make_certificates
from tests.brokers.jvm import PASSWORD, USER, KafkaBroker
from tests.contracts.conftest import SAMPLE_TOPICS, KafkaInstallation, options_for
from tests.contracts.reading import CONSUMER, read_all, said
from tests.ports import free_port


def secured(broker: KafkaBroker, security: str, **settings: Any) -> dict[str, Any]:
    return options_for(broker.address(security.upper()), kafka_security=security, **settings)


def credentials(password: str = PASSWORD, mechanism: str = "SCRAM-SHA-512") -> dict[str, Any]:
    return {"kafka_username": USER, "kafka_password": password, "kafka_sasl_mechanism": mechanism}


def authority(broker: KafkaBroker) -> Path:
    assert broker.certificates is not None
    return broker.certificates.authority


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"])
async def test_the_bus_works_over_tls_with_a_password(secured_broker: KafkaBroker, sample: SampleServices, mechanism: str) -> None:
    options = secured(secured_broker, "sasl_ssl", kafka_ca=authority(secured_broker), **credentials(mechanism=mechanism))

    await carries_an_event(options, sample)


async def test_the_bus_works_with_a_client_certificate(secured_broker: KafkaBroker, sample: SampleServices) -> None:
    certificates = secured_broker.certificates
    assert certificates is not None
    options = secured(
        secured_broker, "ssl", kafka_ca=certificates.authority, kafka_cert=certificates.client, kafka_key=certificates.client_key
    )

    await carries_an_event(options, sample)


async def carries_an_event(options: dict[str, Any], sample: SampleServices) -> None:
    installation = KafkaInstallation(sample, options)
    await installation.empty()
    alpha = installation.database("alpha")
    await record(alpha, ("k", "1"))
    await installation.relay(alpha).drain()
    assert said(await read_all(installation.bus(installation.database("beta")))) == ["1"]
    await installation.close()


async def refusal(options: dict[str, Any], database: Database) -> str:
    """What provisioning, a relay and a consumer say, which is the same."""
    bus = KafkaBus(options, database)
    said = set()
    for attempt in (
        create_topics(options, SAMPLE_TOPICS, 1),
        bus.publish(None, [Message(TOPIC, "k", {"ce_id": "1"}, "{}")]),  # type: ignore[arg-type]
        bus.fetch(CONSUMER, [TOPIC], 1),
        bus.lag(CONSUMER, [TOPIC]),
    ):
        with pytest.raises(BusUnavailable) as refused:
            await attempt
        said.add(str(refused.value).removeprefix("Kafka took nothing: "))
    (reason,) = said
    return reason


async def test_a_wrong_password_is_told_in_words(secured_broker: KafkaBroker, alpha: Database) -> None:
    options = secured(secured_broker, "sasl_ssl", kafka_ca=authority(secured_broker), **credentials("wrong"))

    reason = await refusal(options, alpha)

    assert secured_broker.address("SASL_SSL") in reason
    assert "invalid credentials" in reason


async def test_a_broker_with_a_stranger_certificate_is_told_in_words(secured_broker: KafkaBroker, alpha: Database, tmp_path: Path) -> None:
    stranger = make_certificates(tmp_path / "stranger").authority

    assert "certificate verify failed" in await refusal(secured(secured_broker, "sasl_ssl", kafka_ca=stranger, **credentials()), alpha)


async def test_a_missing_client_certificate_is_told_as_a_closed_connection(secured_broker: KafkaBroker, alpha: Database) -> None:
    assert "closed" in await refusal(secured(secured_broker, "ssl", kafka_ca=authority(secured_broker)), alpha)


async def test_an_address_where_nobody_listens_is_told_in_words(alpha: Database) -> None:
    port = free_port()

    reason = await refusal(options_for(f"127.0.0.1:{port}"), alpha)

    assert f"127.0.0.1:{port}" in reason
    assert "Connect call failed" in reason

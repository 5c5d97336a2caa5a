"""One attempt on the wire: where the connection goes, whose certificate it must be, and what the receiver sees."""

import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc.jwk import OKPKey

from gateway.webhooks import addresses
from gateway.webhooks.sending import Outgoing, Sender
from gateway.webhooks.signatures import Seal, new_secret
from tests.api.gateway.webhooks.conftest import HERE
from tests.api.gateway.webhooks.receiver import SILENCE, Receiver, Reply, receiving
from tests.api.gateway.webhooks.told import signed_by

SEAL = Seal(OKPKey.generate_key("Ed25519"))
SECRET = new_secret()


def message(url: str) -> Outgoing:
    return Outgoing("msg_1", url, '{"type":"site.created"}', (SEAL.close(SECRET),))


def sender(*, networks: tuple[Any, ...] = HERE, deadline: float = 10) -> Sender:
    return Sender(SEAL, networks, "1.2.3", deadline)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What a name server answers in turn for each name, in place of the machine's own."""
    known: dict[str, list[str]] = {}
    ask = socket.getaddrinfo

    def answer(host: str, port: int, *rest: Any, **named: Any) -> Any:
        return ask(known[host].pop(0) if host in known else host, port, *rest, **named)

    monkeypatch.setattr(addresses.socket, "getaddrinfo", answer)
    return known


async def test_the_receiver_sees_its_own_name_and_a_signed_message(receiver: Receiver, names: dict[str, list[str]]) -> None:
    names["hooks.example.com"] = ["127.0.0.1"]

    attempt = await sender().send(message(f"http://hooks.example.com:{receiver.port}/a%20path?b=c"))

    assert (attempt.status, attempt.failure) == (204, None)
    (received,) = receiver.received
    assert received.path == "/a%20path?b=c"
    assert received.headers["host"] == f"hooks.example.com:{receiver.port}"
    assert received.headers["user-agent"] == "Baseyear/1.2.3"
    assert signed_by(SECRET, received)


async def test_a_name_is_asked_once_and_the_connection_goes_to_the_address_that_was_checked(
    receiver: Receiver, names: dict[str, list[str]]
) -> None:
    names["rebinding.example.com"] = ["127.0.0.1", "10.0.0.1"]
    url = f"http://rebinding.example.com:{receiver.port}/"

    first = await sender().send(message(url))
    second = await sender().send(message(url))  # the name leads elsewhere now

    assert first.failure is None
    assert second.failure == "The host rebinding.example.com has an address that is not of the public internet."
    assert len(receiver.received) == 1


async def test_nothing_is_sent_to_this_machine_without_leave(receiver: Receiver) -> None:
    attempt = await sender(networks=()).send(message(f"https://127.0.0.1:{receiver.port}/"))

    assert (attempt.status, attempt.failure) == (None, "The host 127.0.0.1 has an address that is not of the public internet.")
    assert receiver.received == []


async def test_a_proxy_of_the_environment_is_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)

        await sender().send(message(receiver.url))

    assert (len(receiver.received), proxy.received) == (1, [])


async def test_a_redirect_is_a_failure_and_nothing_follows_it(receiver: Receiver) -> None:
    async with receiving() as elsewhere:
        receiver.replies = [Reply(307, {"Location": elsewhere.url})]

        attempt = await sender().send(message(receiver.url))

    assert (attempt.status, attempt.failure) == (307, "The receiver answered 307.")
    assert elsewhere.received == []


async def test_who_does_not_answer_in_time_has_failed(receiver: Receiver) -> None:
    receiver.replies = [Reply(SILENCE)]

    attempt = await sender(deadline=0.3).send(message(receiver.url))

    assert (attempt.status, attempt.failure) == (None, "The receiver did not answer within 0.3 s.")


async def test_who_does_not_listen_has_failed() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))

        attempt = await sender().send(message(f"http://127.0.0.1:{bound.getsockname()[1]}/"))

    assert attempt.failure is not None
    assert attempt.failure.startswith("ConnectError")


async def test_who_asks_for_time_is_heard(receiver: Receiver) -> None:
    receiver.replies = [Reply(503, {"Retry-After": "120"}), Reply(200, {"Retry-After": "120"})]

    failed, taken = await sender().send(message(receiver.url)), await sender().send(message(receiver.url))

    assert (failed.retry_after, taken.retry_after) == (timedelta(minutes=2), None)


async def test_a_secret_of_another_key_is_said_to_be_lost(receiver: Receiver) -> None:
    attempt = await Sender(Seal(OKPKey.generate_key("Ed25519")), HERE, "1").send(message(receiver.url))

    assert attempt.failure == "The gateway's key was replaced since the secret was made; give the webhook a new one."
    assert receiver.received == []


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ssl.SSLContext]:
    """Makes a server's side with a certificate for a name, signed by an authority that this machine trusts."""

    def make(name: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        files = tmp_path / "certificate.pem", tmp_path / "key.pem"
        files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
        files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        return context

    return make


async def test_the_certificate_must_be_for_the_name_although_the_connection_goes_to_an_address(
    certified: Callable[[str], ssl.SSLContext], names: dict[str, list[str]]
) -> None:
    names |= {"hooks.example.com": ["127.0.0.1"], "other.example.com": ["127.0.0.1"]}

    async with receiving(certified("hooks.example.com")) as receiver:
        right = await sender().send(message(f"https://hooks.example.com:{receiver.port}/"))
        wrong = await sender().send(message(f"https://other.example.com:{receiver.port}/"))

    assert (right.status, right.failure) == (204, None)
    assert wrong.failure is not None
    assert "CERTIFICATE_VERIFY_FAILED" in wrong.failure
    assert len(receiver.received) == 1


async def test_an_unknown_certificate_is_refused(
    certified: Callable[[str], ssl.SSLContext], names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    names["hooks.example.com"] = ["127.0.0.1"]

    async with receiving(certified("hooks.example.com")) as receiver:
        monkeypatch.delenv("SSL_CERT_FILE")
        attempt = await sender(networks=(ip_network("127.0.0.0/8"),)).send(message(f"https://hooks.example.com:{receiver.port}/"))

    assert attempt.failure is not None
    assert "CERTIFICATE_VERIFY_FAILED" in attempt.failure
    assert receiver.received == []

"""Certificates for brokers and their clients, made with openssl."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Certificates:
    """An authority of its own, what the broker shows of it, and what a client shows."""

    authority: Path
    broker: Path  # key and certificate in one file, as Kafka reads them
    client: Path
    client_key: Path


def make_certificates(folder: Path) -> Certificates:
    """Write a new authority and what it signs into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    authority, authority_key = folder / "authority.pem", folder / "authority-key.pem"
    _new_key(authority_key)
    _openssl("req", "-x509", "-new", "-key", authority_key, "-subj", "/CN=authority of the tests", "-days", "2", "-out", authority)
    for name in ("broker", "client"):
        key, request, signed = folder / f"{name}-key.pem", folder / f"{name}.csr", folder / f"{name}-certificate.pem"
        _new_key(key)
        _openssl(
            "req", "-new", "-key", key, "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-out", request
        )
        _openssl(
            *("x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key, "-CAcreateserial"),
            *("-copy_extensions", "copy", "-days", "2", "-out", signed),
        )
    broker = folder / "broker.pem"
    broker.write_text((folder / "broker-key.pem").read_text() + (folder / "broker-certificate.pem").read_text())
    return Certificates(authority, broker, folder / "client-certificate.pem", folder / "client-key.pem")


def _new_key(path: Path) -> None:
    _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

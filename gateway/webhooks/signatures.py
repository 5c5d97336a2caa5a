"""Signatures and secrets of webhooks. source  Standard Webhooks 1.0, https://www.standardwebhooks.com"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, OKPKey

PREFIX = "whsec_"
SECRET_BYTES = 32  # the specification asks for 24 to 64


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: str) -> str:
    """What `webhook-signature` says of a message: HMAC-SHA256 over id, seconds and body, joined by points."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, f"{message_id}.{timestamp}.{body}".encode(), hashlib.sha256)).decode()


def headers(valid_secrets: Sequence[str], message_id: str, now: datetime, body: str) -> dict[str, str]:
    """The three headers of an attempt, signed with each valid secret, so that a receiver may change over at any moment."""
    timestamp = int(now.timestamp())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, message_id, timestamp, body) for secret in valid_secrets),
    }


class SecretLost(Exception):
    """Every secret was sealed under another key of the gateway than it has now."""


class Seal:
    """Keeps secrets unreadable in the database and its backups: signing needs them whole, so a hash would not do.

    key  the gateway's private key; the sealing key is derived from it, by RFC 5869 with one block
    """

    def __init__(self, key: OKPKey) -> None:
        material = base64.urlsafe_b64decode(str(key.as_dict(private=True)["d"]) + "=")
        extracted = hmac.digest(b"baseyear", material, hashlib.sha256)
        self._key = OctKey.import_key(hmac.digest(extracted, b"webhook secrets\x01", hashlib.sha256))

    def close(self, secret: str) -> str:
        return jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, secret, self._key)

    def open(self, sealed: Sequence[str]) -> list[str]:
        """Those of the secrets that this key opens; raises SecretLost where it opens none."""
        opened = []
        for each in sealed:
            with suppress(JoseError):
                opened.append((jwe.decrypt_compact(each, self._key).plaintext or b"").decode())
        if not opened:
            raise SecretLost("The gateway's key was replaced since the secret was made; give the webhook a new one.")
        return opened

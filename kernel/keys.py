"""The key with which the gateway signs access tokens; its public half is all that services need."""

import json
import os
import time
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from kernel.auth import ALGORITHM, AUDIENCE
from kernel.identifiers import uuid7

TOKEN_SECONDS = 600


class TokenSigner:
    """Signs access tokens that last ten minutes."""

    def __init__(self, key: OKPKey, issuer: str) -> None:
        self._key = key
        self.issuer = issuer

    def sign(self, client_id: str, kind: str, name: str, scopes: list[str], **narrowing: Any) -> str:
        """A token for a client; `narrowing` holds entity_ids, source_systems and supplier_id where they are set."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": client_id,
            "kind": kind,
            "name": name,
            "scope": " ".join(scopes),
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "jti": str(uuid7()),
        } | {name: value for name, value in narrowing.items() if value}
        return jwt.encode({"alg": ALGORITHM, "kid": self._key.kid}, claims, self._key, algorithms=[ALGORITHM])


def load_or_create_key(home: Path) -> OKPKey:
    """The signing key of this installation, made on first start and readable by its owner only."""
    path = home / "keys" / "signing-key.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = OKPKey.generate_key("Ed25519", parameters={"kid": str(uuid7()), "use": "sig", "alg": ALGORITHM})
        write_private_file(path, json.dumps(key.as_dict(private=True)))
    return OKPKey.import_key(json.loads(path.read_text()))


def public_keys(key: OKPKey) -> KeySet:
    return KeySet([OKPKey.import_key(key.as_dict(private=False))])


def write_private_file(path: Path, content: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)

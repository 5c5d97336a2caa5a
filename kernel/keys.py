"""Keys: the gateway signs access tokens with its own, every service its questions to others; all know the public halves.

In the folder of keys `<service>.pem` is private, for that process only, and `public/` holds the public ones of all.
"""

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


def load_or_create_key(folder: Path, name: str) -> OKPKey:
    """The key of a service, made on first start and readable by its owner only, with its public half in `public/`."""
    path = folder / f"{name}.pem"
    if not path.exists():
        (folder / "public").mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        key = OKPKey.generate_key("Ed25519")
        (folder / "public" / f"{name}.pem").write_bytes(key.as_pem(private=False))
        write_private_file(path, key.as_pem(private=True).decode())
    return load_key(folder, name)


def load_key(folder: Path, name: str) -> OKPKey:
    """The key of a service; raises FileNotFoundError where there is none."""
    return _named(name, (folder / f"{name}.pem").read_bytes())


def load_public_keys(folder: Path, service: str = "*") -> KeySet:
    """The public keys with which tokens are verified, of all services or of one.

    A file may be named `gateway.2026.pem`: what is before the first point signs with it.
    """
    paths = sorted((folder / "public").glob(f"{service}.pem")) + sorted((folder / "public").glob(f"{service}.*.pem"))
    return KeySet([_named(path.name.partition(".")[0], path.read_bytes()) for path in dict.fromkeys(paths)])


def public_keys(key: OKPKey) -> KeySet:
    return KeySet([OKPKey.import_key(key.as_dict(private=False))])


def _named(name: str, pem: bytes) -> OKPKey:
    """A key with an id that tells whose it is, and that another key of the same service does not have."""
    thumbprint = OKPKey.import_key(pem).thumbprint()
    return OKPKey.import_key(pem, {"kid": f"{name}.{thumbprint[:16]}", "use": "sig", "alg": ALGORITHM})


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

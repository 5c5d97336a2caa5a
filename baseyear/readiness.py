"""Whether the Baseyear of this machine is ready, asked as quickly as can be: for the health checks of containers.

`python -m baseyear.readiness`, or `baseyear check --ready`. It loads nothing of Baseyear's.
"""

import os
import ssl
import sys
from http.client import HTTPConnection, HTTPException, HTTPSConnection

SECONDS = 4


def not_ready_because() -> str | None:
    """Why it is not ready; None when it is."""
    port = int(os.environ.get("BASEYEAR_PORT") or 8000)
    host = os.environ.get("BASEYEAR_HOST") or "127.0.0.1"
    host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    try:
        connection = _connection(host, port)
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
    except (OSError, HTTPException) as error:
        return f"{host}:{port} does not answer: {error}"
    return None if answer.status == 200 else f"{host}:{port} is not ready: {answer.status} {answer.read(2_000).decode(errors='replace')}"


def _connection(host: str, port: int) -> HTTPConnection:
    if not os.environ.get("BASEYEAR_TLS_CERT"):
        return HTTPConnection(host, port, timeout=SECONDS)
    own_certificate = ssl.create_default_context()  # made for the name under which others reach it
    own_certificate.check_hostname = False
    own_certificate.verify_mode = ssl.CERT_NONE
    return HTTPSConnection(host, port, timeout=SECONDS, context=own_certificate)


def main() -> None:
    reason = not_ready_because()
    if reason is not None:
        print(reason, file=sys.stderr)
    sys.exit(0 if reason is None else 1)


if __name__ == "__main__":
    main()

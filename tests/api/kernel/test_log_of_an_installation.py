"""The log of a running installation: one line for each request, and never a secret, whatever goes wrong."""

import json
import os
import subprocess
from signal import SIGTERM
from typing import Any

import httpx

from tests.faults.conftest import folder, installed_in
from tests.faults.served import COMMAND, Served

TRACE = "1" * 32
WRONG = "a-wrong-secret-0123456789"


def _start(served: Served) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("BASEYEAR_")}
    settings = {"BASEYEAR_HOME": str(served.home), "BASEYEAR_PORT": str(served.port)}
    logs = {"BASEYEAR_LOG_FORMAT": "json", "BASEYEAR_LOG_LEVEL": "debug"}
    with served.log_file.open("ab") as log:
        served.process = subprocess.Popen(COMMAND, env=own | settings | logs, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True)


async def _all_that_could_leak(served: Served, http: httpx.AsyncClient) -> str:
    """Requests that hold secrets, right and wrong ones, while the database is there and while it is gone; returns the token."""
    form = {"grant_type": "client_credentials"}
    client_id, secret = served.operator()
    token: str = (await http.post("/oauth2/token", data=form, auth=(client_id, secret))).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "traceparent": f"00-{TRACE}-{'a' * 16}-01"}
    await http.post("/oauth2/token", data=form, auth=(client_id, WRONG))
    await http.post("/oauth2/token", data=form | {"client_id": client_id, "client_secret": WRONG})
    await http.get("/v1/sites", headers={"Authorization": f"Bearer {token}x"})
    await http.get("/v1/sites", params={"access_token": token}, headers=headers)
    await http.get(f"/v1/sites/{token}", headers=headers)
    await http.post("/v1/entities", json={"client_secret": secret}, headers=headers)
    assert (await http.get("/v1/sites", headers=headers)).status_code == 200
    assert served.kill_database()
    await http.get("/v1/sites", headers=headers)
    await http.post("/oauth2/token", data=form, auth=(client_id, secret))
    return token


async def test_each_request_is_one_line_and_no_line_holds_a_secret() -> None:
    with folder() as home, installed_in(home) as served:
        _start(served)
        await served.ready()
        async with httpx.AsyncClient(base_url=served.url, timeout=60) as http:
            token = await _all_that_could_leak(served, http)
        assert await served.stopped_by(SIGTERM) == 0
        log, secret = served.log, served.operator()[1]
        passwords = [str(password) for password in json.loads((home / "database-roles.json").read_text()).values()]

    lines: list[dict[str, Any]] = [json.loads(line) for line in log.splitlines()]
    ours = [line for line in lines if line["event"] == "request" and line.get("trace_id") == TRACE and line["operation"] == "list_sites"]
    answered = next(line for line in ours if line["status"] == 200)
    assert (answered["service"], answered["principal"] is not None, answered["milliseconds"] > 0) == ("inventory", True, True)
    assert passwords
    assert [each for each in (secret, WRONG, token, *passwords) if each in log] == []

"""`baseyear up` as a newcomer uses it: Ctrl-C ends everything, and it starts again with what it had."""

import signal

from baseyear.demo.client import ApiClient
from tests.faults.conftest import client_of, folder, installed_in


async def test_ctrl_c_ends_it_with_its_database_and_it_starts_again_with_what_it_had():
    with folder() as home, installed_in(home) as served:
        served.start()
        await served.ready()
        async with client_of(served) as http:
            api = ApiClient(http, *served.operator())
            await api.post("/v1/entities", {"external_id": "E-1", "name": "A company", "country": "CN"})
        assert served.postmaster() is not None

        assert await served.stopped_by(signal.SIGINT) in (0, 130)
        assert served.processes() == []
        assert not (home / "cluster" / "postmaster.pid").exists()

        served.start()
        await served.ready()
        async with client_of(served) as http:
            kept = await ApiClient(http, *served.operator()).get("/v1/entities")
        assert [entity["external_id"] for entity in kept["items"]] == ["E-1"]
        assert await served.stopped_by(signal.SIGINT) in (0, 130)
        assert served.processes() == []

"""A worker in a process of its own, which its job kills. `python -m tests.api.kernel.dying_worker ADDRESS SCHEMA`"""

import asyncio
import os
import signal
import sys
from typing import Any

from kernel.database import Database
from kernel.jobs import Job, Worker


async def kill_the_process(job: Job) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


if __name__ == "__main__":
    asyncio.run(Worker(Database(sys.argv[1], sys.argv[2]), {"work": kill_the_process}).step())

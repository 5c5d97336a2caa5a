"""For developers: write a service's next migration from its tables. `python -m baseyear.developer_revision inventory "Add units"`"""

import asyncio
import importlib
import sys
import tempfile
from pathlib import Path

from baseyear.embedded import EmbeddedPostgres
from baseyear.provisioning import SCHEMAS, create_database, provision
from kernel.migrations import write_revision


async def main(name: str, message: str) -> None:
    schema = next(schema for schema in SCHEMAS if schema.name == name)
    module = "gateway.tables" if name == "gateway" else f"services.{name}.tables"
    metadata = importlib.import_module(module).Base.metadata
    (schema.migrations / "versions").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        postgres = EmbeddedPostgres(Path(folder))
        postgres.start()
        try:
            admin = await create_database(postgres.url())
            await provision(admin, [schema], Path(folder))
            await write_revision(admin, metadata, schema.migrations, message)
        finally:
            postgres.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))

"""Migrations: each service's Alembic history, brought to its head in the name of the schema's owner."""

from pathlib import Path
from typing import Any, Literal

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, MetaData, String, pool, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import AutoString

from kernel.postgres import driver_url
from kernel.settings import SettingsRefused


class NewerTables(SettingsRefused):
    """A newer version of Baseyear has migrated a schema; the message says what to do."""


def configuration(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


async def upgrade(url: URL, owner: str, schema: str, migrations: Path) -> None:
    """Bring a schema to the head of its history; what is at its head is left alone.

    url     of a user who may act as `owner`, the role to which everything in the schema belongs
    raises  NewerTables, and nothing is changed
    """
    script = ScriptDirectory.from_config(configuration(migrations))
    known = {each.revision for each in script.walk_revisions()}
    engine = create_async_engine(
        driver_url(url),
        poolclass=pool.NullPool,
        connect_args={"server_settings": {"role": owner, "search_path": schema, "lock_timeout": "5s"}},
    )

    def steps(revision: Any, _: object) -> Any:
        if not known.issuperset(revision):
            raise NewerTables(
                f"The tables of {schema} are at revision {', '.join(revision)}, which this version of Baseyear does not know: use the"
                " version that migrated them, or a newer one."
            )
        return script._upgrade_revs("head", revision)

    def run(connection: Connection) -> None:
        with EnvironmentContext(configuration(migrations), script, fn=steps) as environment:
            environment.configure(connection=connection, version_table_schema=schema, transaction_per_migration=True)
            with environment.begin_transaction():
                environment.run_migrations()

    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT pg_advisory_lock(hashtextextended(:name, 0))"), {"name": f"migrate {schema}"})
            await connection.commit()
            await connection.run_sync(run)
            await connection.commit()
    finally:
        await engine.dispose()


def _render(kind: str, item: object, _: object) -> str | Literal[False]:
    """SQLModel's text type is PostgreSQL's text."""
    return "sa.Text()" if kind == "type" and isinstance(item, AutoString) else False


def _differ(context: object, inspected: object, described: object, in_database: object, in_model: object) -> bool | None:
    """SQLModel's text type in a model is PostgreSQL's text in the database; of the others Alembic judges."""
    return False if isinstance(in_model, AutoString) and isinstance(in_database, String) else None


def comparison(metadata: MetaData) -> dict[str, Any]:
    """Alembic's options to compare one service's tables, and no other schema, with the database."""
    return {
        "target_metadata": metadata,
        "version_table_schema": metadata.schema,
        "include_schemas": True,
        "include_name": lambda name, kind, _: kind != "schema" or name == metadata.schema,
        "compare_type": _differ,
        "compare_server_default": True,
    }


async def write_revision(url: URL, metadata: MetaData, migrations: Path, message: str) -> None:
    """Write a new revision from the difference between the tables as defined and as they are in the database."""
    config = configuration(migrations)
    script = ScriptDirectory.from_config(config)
    engine = create_async_engine(driver_url(url), poolclass=pool.NullPool)

    def run(connection: Connection) -> None:
        from alembic.autogenerate import RevisionContext  # noqa: PLC0415 - a developer's command, not needed at run time

        arguments = {
            "message": message, "sql": False, "head": "head", "splice": False, "branch_label": None,
            "version_path": None, "rev_id": f"{len(list(script.walk_revisions())) + 1:04}", "depends_on": None, "autogenerate": True,
        }  # fmt: skip
        revision = RevisionContext(config, script, arguments)

        def compare(current: object, context: object) -> list[object]:
            revision.run_autogenerate(current, context)  # type: ignore[arg-type]
            return []

        with EnvironmentContext(config, script, fn=compare) as environment:
            environment.configure(connection=connection, render_item=_render, **comparison(metadata))
            environment.run_migrations()
        list(revision.generate_scripts())

    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()

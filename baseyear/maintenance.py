"""`baseyear migrate` and `baseyear factors verify`: what an installation needs before and beside serving."""

import sys

import typer

from baseyear.terminal import run_until_done, settings_of_command

factors = typer.Typer(no_args_is_help=True, help="The factor pack that is shipped with Baseyear.")


@factors.callback()
def _sub_commands() -> None:
    """Keeps `verify` a command of its own while it is the only one."""


def migrate() -> None:
    """Bring an installation to the present version: keys, databases, roles, schemas, tables, and the log or the topics of events."""
    from baseyear.composition import create_keys  # noqa: PLC0415 - keeps `baseyear --help` quick
    from baseyear.provisioning import prepare  # noqa: PLC0415
    from baseyear.serving import database_at_hand  # noqa: PLC0415

    settings = settings_of_command(quiet=True)

    async def work() -> None:
        async with database_at_hand(settings) as (admin, _):
            await prepare(settings, admin)

    if settings.keys is None:
        create_keys(settings.keys_folder)
    run_until_done(work())
    print("The installation is at the present version.")


@factors.command()
def verify() -> None:
    """Build the factor pack again from the publishers' files that are shipped beside it, and compare."""
    from services.factors.app import PACK  # noqa: PLC0415
    from services.factors.catalogue.pack_builder import verify_pack  # noqa: PLC0415
    from services.factors.catalogue.refusals import CatalogueError  # noqa: PLC0415

    try:
        verify_pack(PACK)
    except CatalogueError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    print("The factor pack is what its sources give.")

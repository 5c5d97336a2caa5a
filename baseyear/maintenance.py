"""`baseyear migrate`: what an installation needs before serving."""

from baseyear.terminal import run_until_done, settings_of_command


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

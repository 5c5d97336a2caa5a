"""`baseyear backup`, `baseyear restore` and `baseyear check`: the care of an installation."""

import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from baseyear.terminal import run_until_done, settings_of_command

Result = TypeVar("Result")


def backup(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is empty or not there yet.")]) -> None:
    """Copy databases, files and keys into a folder, while Baseyear runs or not."""
    from baseyear.backup import make_backup  # noqa: PLC0415 - keeps `baseyear --help` quick
    from baseyear.provisioning import SCHEMAS, decided_addresses, runtime_addresses  # noqa: PLC0415
    from baseyear.serving import database_at_hand  # noqa: PLC0415

    settings = settings_of_command(quiet=True)

    async def work() -> None:
        async with database_at_hand(settings) as (admin, _):
            addresses = runtime_addresses(admin, SCHEMAS, settings.home, decided_addresses(settings))
            manifest = await make_backup(settings, admin, addresses, folder)
        size = sum(part.bytes for part in manifest.parts) / 1_000_000
        print(f"{folder} holds a backup: {', '.join(sorted(manifest.services))}, {len(manifest.files)} file(s), {size:,.1f} MB.")
        print("Whoever reads it reads everything, keys too: keep it where nobody does, and away from this machine.")

    _run(work())


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A backup as `baseyear backup` made it.")],
    service: Annotated[list[str] | None, typer.Option(help="Put back this service only; may be given again. Without it, all.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Lose what the services hold now.")] = False,
) -> None:
    """Put a backup back. Baseyear is stopped; when it starts again, services tell each other everything anew."""
    from baseyear.provisioning import SCHEMAS  # noqa: PLC0415
    from baseyear.restore import facts_out_of_reach, restore_backup  # noqa: PLC0415
    from baseyear.serving import database_server, only_process  # noqa: PLC0415

    settings = settings_of_command(quiet=True)
    services = service or [schema.name for schema in SCHEMAS]

    async def work() -> None:
        with only_process(settings):
            async with database_server(settings) as admin:
                manifest = await restore_backup(settings, admin, folder, services, replace=replace)
        for name in services:
            print(f"{name} is as it was at {manifest.services[name].taken_at:%Y-%m-%d %H:%M:%S} UTC.")
        for line in facts_out_of_reach(manifest, services, datetime.now(UTC)):
            print(line, file=sys.stderr)
        print("Start Baseyear: its services tell each other everything anew, and reporting's figures grow from nothing to what they are.")
        print("Clients that were deleted after the backup can sign in again: delete them again. Sources push again what came after it.")

    _run(work())


def check(
    service: Annotated[str | None, typer.Argument(help="This one only, with its own settings; without it all, as administrator.")] = None,
    ready: Annotated[bool, typer.Option("--ready", help="Only whether the process at BASEYEAR_PORT of this machine is ready.")] = False,
) -> None:
    """Look at configuration and health, and say what to do. Ends with 1 if something is wrong."""
    if ready:
        from baseyear import readiness  # noqa: PLC0415

        readiness.main()
    from baseyear.checking import check as look_at_all  # noqa: PLC0415 - keeps `baseyear --help` quick
    from baseyear.findings import page_of  # noqa: PLC0415

    findings = run_until_done(look_at_all(settings_of_command(quiet=True), service))
    print(page_of(findings))
    sys.exit(1 if any(finding.state == "wrong" for finding in findings) else 0)


def begin_anew(reason: Annotated[str, typer.Option(help="Why; kept with the instant from which on history is exact.")]) -> None:
    """Empty all topics, after Kafka lost them, and let services say and hear everything again. Baseyear is stopped."""
    from baseyear.beginning_anew import begin_all_anew, refuse_while_at_work, services_at_rest  # noqa: PLC0415
    from baseyear.provisioning import provide  # noqa: PLC0415
    from baseyear.serving import database_server, only_process  # noqa: PLC0415

    settings = settings_of_command(quiet=True)

    async def work() -> None:
        with only_process(settings):
            async with database_server(settings) as admin:
                addresses = await provide(settings, admin)
                await refuse_while_at_work(admin, addresses)
                async with services_at_rest(settings, addresses) as parts:
                    await begin_all_anew(settings, admin, parts, reason)
        print("All topics are empty. Start Baseyear: its services tell each other everything anew.")

    _run(work())


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Do the work; what it refuses is told in one message."""
    from baseyear.backup_manifest import BackupRefused  # noqa: PLC0415
    from baseyear.beginning_anew import AtWork  # noqa: PLC0415
    from baseyear.postgres_programs import ProgramFailed  # noqa: PLC0415
    from baseyear.serving import AlreadyServing  # noqa: PLC0415

    try:
        return run_until_done(work)
    except AlreadyServing as running:
        print(f"{running}: stop it, and try again.", file=sys.stderr)
        sys.exit(1)
    except (BackupRefused, ProgramFailed, AtWork) as refusal:
        print(refusal, file=sys.stderr)
        sys.exit(1)

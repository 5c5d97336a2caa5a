"""The command `baseyear`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from baseyear import VERSION, care, events, factor_pack, maintenance
from baseyear.terminal import console, run_until_done, settings_of_command
from kernel.settings import Settings, SettingsRefused

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Greenhouse-gas accounting for a manufacturing group.",
)


def main() -> None:
    """Run the command; a mistake of the environment is told in one message, without a traceback."""
    from baseyear.embedded import EmbeddedFailed  # noqa: PLC0415 - keeps `baseyear --help` quick

    try:
        app()
    except (SettingsRefused, EmbeddedFailed) as error:
        print(error, file=sys.stderr)
        sys.exit(2)


@app.command()
def version() -> None:
    """Say which version this is."""
    print(VERSION)


@app.command()
def up() -> None:
    """Run everything in one process until Ctrl-C."""
    from baseyear.listening import PortTaken, stop_asked, until  # noqa: PLC0415
    from baseyear.serving import AlreadyServing, serving  # noqa: PLC0415

    settings = settings_of_command()

    async def run() -> None:
        stop = stop_asked()
        async with serving(settings) as (url, server):
            operator = "from the environment" if settings.operator_client_id else f"in {settings.home / 'operator.json'}"
            console.print(f"Baseyear serves at [bold]{url}[/bold]; its API is described at {url}/docs", soft_wrap=True)
            console.print(f"The first operator's client id and secret are {operator}. Ctrl-C stops it.", soft_wrap=True)
            await until(stop, server)
            console.print("Stopping.")

    try:
        run_until_done(run())
    except (AlreadyServing, PortTaken) as error:
        print(error, file=sys.stderr)
        sys.exit(1)


@app.command()
def serve(service: Annotated[str, typer.Argument(help="gateway, factors, inventory or reporting.")]) -> None:
    """Run one service of a distributed installation until it is told to stop."""
    from baseyear.listening import PortTaken, stop_asked, until  # noqa: PLC0415
    from baseyear.one_service import serving_one  # noqa: PLC0415

    settings = settings_of_command()

    async def run() -> None:
        stop = stop_asked()
        async with serving_one(settings, service) as (url, server):
            print(f"{service} serves at {url}", flush=True)
            await until(stop, server)

    try:
        run_until_done(run())
    except PortTaken as error:
        print(error, file=sys.stderr)
        sys.exit(1)


@app.command()
def demo(output: Annotated[Path, typer.Option(help="Folder for the reports.")] = Path("demo-output")) -> None:
    """Drive a fictional group's year through the public API and leave its report."""
    from baseyear.demo.client import DemoFailed  # noqa: PLC0415
    from baseyear.demo.journey import run_demo  # noqa: PLC0415
    from baseyear.listening import PortTaken  # noqa: PLC0415
    from baseyear.serving import AlreadyServing, serving  # noqa: PLC0415

    settings = settings_of_command(quiet=True)

    async def run() -> None:
        port = None if "port" in settings.model_fields_set else 0
        try:
            async with serving(settings, port) as (url, _):
                await run_demo(url, _operator(settings), output, console, url_afterwards=f"http://{settings.host}:{settings.port or 8000}")
        except AlreadyServing as running:
            if running.url is None:
                raise
            await run_demo(running.url, _operator(settings), output, console)

    try:
        run_until_done(run())
    except (DemoFailed, AlreadyServing, PortTaken) as error:
        print(f"The demo failed: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


app.command()(maintenance.migrate)
app.command()(care.backup)
app.command()(care.restore)
app.command()(care.check)
events.app.command("begin-anew")(care.begin_anew)
app.add_typer(events.app, name="events")
app.add_typer(factor_pack.app, name="factors")


def _operator(settings: Settings) -> tuple[str, str]:
    if settings.operator_client_id is not None and settings.operator_client_secret is not None:
        return settings.operator_client_id, settings.operator_client_secret.get_secret_value()
    kept = json.loads((settings.home / "operator.json").read_text())
    return kept["client_id"], kept["client_secret"]

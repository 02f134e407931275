"""nightdesk drill, nightdesk demo: break a real service and repair it."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from backend.commands.options import DataDir, Json, Port

if TYPE_CHECKING:
    from backend.drill.outcome import Outcome
    from backend.settings import Settings

app = typer.Typer()


class Kind(StrEnum):
    """What can be broken; the drill's vocabulary as a command line takes it."""

    crash = "crash"
    pool = "pool"
    disk = "disk"
    config = "config"


@app.command()
def drill(
    kind: Annotated[Kind | None, typer.Option("--kind", help="What to break; default: each in turn.")] = None,
    approve: Annotated[bool, typer.Option("--approve", help="Approve the proposal, as the drill's own user.")] = False,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Break a real service, watch Nightdesk find out why, decide, and see it recover. Exit status 1 if it does not."""
    import json

    from backend.settings import load_settings

    outcome = _drill(load_settings(data_dir=data_dir), kind, approve=approve, quiet=as_json)
    if as_json:
        typer.echo(json.dumps(outcome.document()))
    if not outcome.passed:
        raise typer.Exit(1)


@app.command()
def demo(port: Port = None, data_dir: DataDir = None) -> None:
    """Start everything and run a drill. In a terminal you decide, and it stays; else it decides for itself and ends."""
    import sys

    from backend import instance
    from backend.called import called
    from backend.drill.demo import instance_for, until_interrupted
    from backend.settings import load_settings

    settings = load_settings(port=port, data_dir=data_dir)
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    with instance_for(settings) as url:
        outcome = _drill(settings, None, approve=not interactive, quiet=False)
        if interactive:
            until_interrupted(lambda: typer.echo(f"\nNightdesk goes on at {url}. Ctrl-C ends it."))
    if instance.read(settings.data_dir) is None:
        typer.echo(f"Nightdesk has stopped; what it found is kept. To start it again: {called()} up")
    if not outcome.passed:
        raise typer.Exit(1)


def _drill(settings: "Settings", kind: Kind | None, *, approve: bool, quiet: bool) -> "Outcome":
    """Runs one drill. `quiet`: standard output is for the result, so the steps go to standard error."""
    import asyncio

    from rich.console import Console

    from backend.drill.session import practise
    from backend.drill.show import Show

    show = Show(Console(stderr=quiet))
    return asyncio.run(practise(settings, kind.value if kind else None, show, approve=approve))

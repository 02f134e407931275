"""nightdesk integration create: a webhook address for something that sends alerts."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated

import typer

from backend.commands.options import DataDir, Json, Team

if TYPE_CHECKING:
    from backend.settings import Settings

app = typer.Typer(name="integration", help="Where alerts come from.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Where alerts come from."""


@app.command()
def create(
    kind: Annotated[str, typer.Argument(help="alertmanager")],
    name: Annotated[str | None, typer.Option("--name", help="What to call it; default its kind.")] = None,
    team: Team = "default",
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Make a webhook address with a token of its own, and print both once."""
    from backend import instance
    from backend.settings import load_settings

    settings = load_settings(data_dir=data_dir)
    token = asyncio.run(_create(settings, kind, name or kind, team))
    running = instance.read(settings.data_dir)
    url = f"{running.url if running else settings.url}/webhooks/{kind}/{token}"
    if as_json:
        typer.echo(json.dumps({"url": url, "token": token}))
    else:
        typer.echo(f"Send alerts to (shown this once):\n  {url}")


async def _create(settings: "Settings", kind: str, name: str, team: str) -> str:
    from sqlalchemy import text

    from backend.alert import integrations
    from backend.commands.session import session_on
    from backend.embedded.people import NoSuchTeam

    async with session_on(settings) as (deps, session):
        row = (await session.execute(text("select id from public.teams where slug = :team"), {"team": team})).first()
        if row is None:
            raise NoSuchTeam(f"There is no team {team!r}.")
        _, token = await integrations.create(session, row.id, kind, name, deps.clock.now())
        return token

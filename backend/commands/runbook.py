"""nightdesk runbook import: takes over the runbooks of a folder, again and again."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backend.commands.options import DataDir, Json, Team

if TYPE_CHECKING:
    from backend.handbook.folder import Collected
    from backend.handbook.service import Outcome
    from backend.settings import Settings

WHO = "nightdesk runbook import"
app = typer.Typer(name="runbook", help="What to do about which kind of trouble.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """What to do about which kind of trouble."""


@app.command("import")
def import_folder(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of Markdown files, a Git checkout perhaps.")],
    team: Team = "default",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Take over the runbooks of a folder. Doing it again changes only what has changed in its files."""
    from backend.handbook.folder import collect
    from backend.settings import load_settings

    settings = load_settings(data_dir=data_dir)
    collected = collect(folder)
    outcome = asyncio.run(_import(settings, collected, team, dry_run))
    skipped = dict(sorted((collected.skipped | outcome.skipped).items()))
    if as_json:
        done = {"created": outcome.created, "updated": outcome.updated, "unchanged": outcome.unchanged}
        typer.echo(json.dumps({**done, "skipped": [{"path": path, "why": why} for path, why in skipped.items()]}))
        return
    for verb, paths in (("created", outcome.created), ("updated", outcome.updated)):
        for path in paths:
            typer.echo(f"{verb}  {path}")
    for path, why in skipped.items():
        typer.echo(f"skipped  {path}: {why}")
    changed = f"{len(outcome.created)} created, {len(outcome.updated)} updated"
    typer.echo(f"{changed}, {len(outcome.unchanged)} unchanged, {len(skipped)} skipped.")
    if dry_run:
        typer.echo("A dry run: nothing was changed.")


async def _import(settings: "Settings", collected: "Collected", team: str, dry_run: bool) -> "Outcome":
    from sqlalchemy import text

    from backend.commands.session import session_on
    from backend.embedded.people import NoSuchTeam
    from backend.handbook import service

    async with session_on(settings) as (deps, session):
        row = (await session.execute(text("select id from public.teams where slug = :team"), {"team": team})).first()
        if row is None:
            raise NoSuchTeam(f"There is no team {team!r}.")
        # Done and taken back: what would be done is told by what does it.
        taken_back = await session.begin_nested() if dry_run else None
        outcome = await service.import_files(session, row.id, collected.files, WHO, deps.clock.now())
        if taken_back is not None:
            await taken_back.rollback()
        return outcome

"""nightdesk migrate, backup, restore."""

from pathlib import Path
from typing import Annotated

import typer

from backend.commands.options import DataDir

app = typer.Typer()


@app.command()
def migrate(data_dir: DataDir = None) -> None:
    """Bring the database up to date: DATABASE_URL's, or the embedded one's."""
    from backend.embedded import connect, migrate
    from backend.settings import load_settings

    def show(migration: migrate.Migration) -> None:
        typer.echo(migration.path.name)

    with connect.serving(load_settings(data_dir=data_dir), new=True, on_apply=show) as url:
        # A running instance of an older version has not brought it up to date.
        migrate.migrate(url, on_apply=show)
    typer.echo("The database is up to date.")


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="Where to write it.")], data_dir: DataDir = None) -> None:
    """Write the whole database to one file, also while Nightdesk runs."""
    from backend.embedded import backup
    from backend.settings import load_settings

    size = backup.backup(load_settings(data_dir=data_dir), file)
    typer.echo(f"{file}: {size / 1_000_000:.1f} MB. It holds password hashes and signing keys: keep it private.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `nightdesk backup` wrote.", exists=True, dir_okay=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Also when that loses incidents or people.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Put a backup in the place of the embedded database. Nightdesk must not be running."""
    from backend.embedded import backup
    from backend.settings import load_settings

    backup.restore(load_settings(data_dir=data_dir), file, replace=replace)
    typer.echo("Restored.")

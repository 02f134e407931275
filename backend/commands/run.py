"""nightdesk up, api, worker: what runs until it is stopped."""

from enum import StrEnum
from typing import Annotated

import typer

from backend.commands.options import DataDir, Port

app = typer.Typer()


class Worker(StrEnum):
    """The processes that take work from the database."""

    checks = "checks"
    agent = "agent"
    actions = "actions"
    notify = "notify"


@app.command()
def up(port: Port = None, data_dir: DataDir = None) -> None:
    """Run everything on this machine: database, API and workers."""
    from backend.settings import load_settings
    from backend.up import up

    up(load_settings(port=port, data_dir=data_dir))


@app.command()
def api(port: Port = None, data_dir: DataDir = None) -> None:
    """Run the API alone, on DATABASE_URL or the database of a running instance."""
    from backend.door import listen
    from backend.embedded.connect import database_url
    from backend.logs import choose_format, configure_logging
    from backend.serve import run_api
    from backend.settings import load_settings

    settings = load_settings(port=port, data_dir=data_dir)
    configure_logging("api", choose_format(settings.log_format), settings.log_level)
    run_api(settings, database_url(settings), listen(settings.host, settings.port))


@app.command()
def worker(name: Annotated[Worker, typer.Argument()], data_dir: DataDir = None) -> None:
    """Run one worker alone, on DATABASE_URL or the database of a running instance."""
    from backend.embedded.connect import database_url
    from backend.logs import choose_format, configure_logging
    from backend.settings import load_settings
    from backend.work import run_worker

    settings = load_settings(data_dir=data_dir)
    configure_logging(name.value, choose_format(settings.log_format), settings.log_level)
    run_worker(name.value, settings, database_url(settings))

"""Options that several commands share. Each has its variable: --data-dir is NIGHTDESK_DATA_DIR."""

from pathlib import Path
from typing import Annotated

import typer

# Whether it can be read is for the command to say, with what to do.
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", readable=False, help="Folder of the instance; default .nightdesk.")
]
Port = Annotated[int | None, typer.Option("--port", help="Port of the HTTP door; default 8700.")]
Team = Annotated[str, typer.Option("--team", help="Slug of the team.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

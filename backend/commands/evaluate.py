"""nightdesk eval: how good the investigations are, on recorded incidents."""

import importlib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.commands.options import DataDir, Json

app = typer.Typer()

# The agent's code is loaded by name: the backend does not know it.
EVALUATION = "agent_graph.evaluation.run"


class Analyst(StrEnum):
    """Who investigates."""

    rules = "rules"
    llm = "llm"


@app.command("eval")
def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="One scenario, or a folder of them.")],
    analyst: Annotated[Analyst, typer.Option("--analyst", help="Who investigates.")] = Analyst.rules,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Replay recorded incidents through the investigation and score what it says. No database is needed."""
    import json

    from backend.settings import load_settings

    evaluation: Any = importlib.import_module(EVALUATION)
    outcome = evaluation.evaluate(load_settings(data_dir=data_dir), folder, analyst.value)
    typer.echo(json.dumps(outcome.document(), indent=1) if as_json else evaluation.printed(outcome))

"""nightdesk doctor: is every dependency reachable and allowed, and if not, what to do."""

import asyncio

import typer

from backend.commands.options import DataDir, Json

app = typer.Typer()

SIGNS = {"ok": "ok      ", "unused": "not used", "failed": "FAILED  "}


@app.command()
def doctor(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Look at everything Nightdesk depends on, and say what to do. Exit status 1 when something is wrong."""
    from dataclasses import asdict

    from backend.called import as_typed
    from backend.doctor import examine
    from backend.settings import load_settings

    findings = asyncio.run(examine(load_settings(data_dir=data_dir)))
    if as_json:
        import json

        typer.echo(json.dumps([asdict(finding) for finding in findings]))
    else:
        for finding in findings:
            typer.echo(f"{SIGNS[finding.state]}  {finding.name:<15} {finding.detail}")
            if finding.state != "ok" and finding.advice:
                typer.echo(f"{'':<10}{'':<16}→ {as_typed(finding.advice)}")
    if any(finding.state == "failed" for finding in findings):
        raise typer.Exit(1)

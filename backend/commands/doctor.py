"""nightdesk doctor: is every dependency reachable and allowed, and if not, what to do."""

import typer

app = typer.Typer()

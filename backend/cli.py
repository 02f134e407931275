"""The `nightdesk` command. A command module imports what it needs when it runs, so that `--help` answers at once."""

import signal
import sys
from importlib import import_module

import typer

from backend.called import as_typed
from backend.errors import NightdeskError

# One line per module: its `app` is a group when it has a name, and adds its commands here when it has none.
COMMAND_MODULES = (
    "backend.commands.run",
    "backend.commands.user",
    "backend.commands.integration",
    "backend.commands.runbook",
    "backend.commands.keys",
    "backend.commands.database",
    "backend.commands.doctor",
    "backend.commands.evaluate",
    "backend.drill.command",
    "backend.bench.command",
)


def build() -> typer.Typer:
    """The command with everything it can do."""
    app = typer.Typer(
        name="nightdesk",
        help="AI-assisted incident response: alerts and checks in, evidence and an approved remediation out.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for module in COMMAND_MODULES:
        app.add_typer(import_module(module).app)
    return app


def main() -> None:
    """Console script: an expected failure is one sentence and exit status 1."""
    # A script's background process inherits that SIGINT is ignored: `kill -INT` shall end it even so.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        build()()
    except NightdeskError as error:
        sys.stderr.write(f"nightdesk: {as_typed(error.detail)}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()

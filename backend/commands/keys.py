"""nightdesk keys rotate, list, revoke, secret: the keys of the embedded sign-in."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from backend.commands.options import DataDir

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.deps import Deps
    from backend.embedded.auth.signing import KeyState

app = typer.Typer(name="keys", help="Keys of the embedded sign-in.", no_args_is_help=True)


@app.command()
def rotate(data_dir: DataDir = None) -> None:
    """Sign with the next key from now on. Nobody is signed out: the key before it still verifies."""
    from datetime import timedelta

    from backend.embedded.auth import signing

    async def run() -> "list[KeyState]":
        async with _session(data_dir) as (deps, session):
            lifetime = timedelta(seconds=deps.settings.access_token_seconds)
            return await signing.rotate(session, lifetime, deps.clock.now())

    _show(asyncio.run(run()))
    typer.echo("Running processes follow within a minute.")


@app.command("list")
def list_(data_dir: DataDir = None) -> None:
    """Show the signing keys that are not revoked."""
    from backend.embedded.auth import signing

    async def run() -> "list[KeyState]":
        async with _session(data_dir) as (_, session):
            return await signing.key_states(session)

    _show(asyncio.run(run()))


@app.command()
def revoke(
    kid: Annotated[str, typer.Argument(help="Which key, as `nightdesk keys list` shows it.")], data_dir: DataDir = None
) -> None:
    """Refuse everything a key has signed, at once: for a key that leaked."""
    from backend.embedded.auth import signing

    async def run() -> None:
        async with _session(data_dir) as (deps, session):
            await signing.revoke(session, kid, deps.clock.now())

    asyncio.run(run())
    typer.echo(f"{kid} is revoked. Running processes follow within a minute.")


@app.command()
def secret(data_dir: DataDir = None) -> None:
    """Make a new secret API key for servers that administer users, and print it once. The one before stops working."""
    from backend.embedded.auth import keys

    async def run() -> str:
        async with _session(data_dir) as (deps, session):
            return await keys.replace_secret_key(session, deps.clock.now())

    typer.echo(f"Secret API key (shown this once):\n  {asyncio.run(run())}")


@asynccontextmanager
async def _session(data_dir: DataDir) -> "AsyncGenerator[tuple[Deps, AsyncSession]]":
    """The session of a command. Raises Conflict where a Supabase project keeps the keys."""
    from backend.commands.session import session_on
    from backend.errors import Conflict
    from backend.settings import load_settings

    settings = load_settings(data_dir=data_dir)
    if settings.mode == "supabase":
        raise Conflict("Your Supabase project keeps its keys itself: see Settings, JWT keys and API keys, there.")
    async with session_on(settings) as opened:
        yield opened


def _show(keys: "list[KeyState]") -> None:
    for key in keys:
        typer.echo(f"{key.kid}  {key.alg}  {key.status:<16} since {key.since:%Y-%m-%d %H:%M} UTC")

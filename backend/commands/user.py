"""nightdesk user create, user password, user list."""

import asyncio
import sys
from enum import StrEnum
from typing import Annotated

import typer

from backend.commands.options import DataDir, Json, Team

app = typer.Typer(name="user", help="People who may sign in.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="Address to sign in with.")]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")]


class MemberRole(StrEnum):
    """What somebody may do in a team."""

    owner = "owner"
    admin = "admin"
    responder = "responder"
    viewer = "viewer"


@app.command()
def create(
    email: Email,
    password_stdin: PasswordStdin = False,
    team: Team = "default",
    role: Annotated[MemberRole, typer.Option("--role", help="What they may do there.")] = MemberRole.responder,
    platform_admin: Annotated[
        bool, typer.Option("--platform-admin", help="They also run the installation: all teams, maintenance, support.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Make a person and add them to a team. Without --password-stdin a password is made and printed once."""
    from backend.commands.session import session_on
    from backend.embedded import people
    from backend.settings import load_settings

    settings = load_settings(data_dir=data_dir)
    given = _given() if password_stdin else None
    password = given or people.new_password()

    async def run() -> None:
        async with session_on(settings) as (deps, session):
            user_id = await people.create_member(
                session, deps.http, settings, (email, password), team, role.value, deps.clock.now()
            )
            if platform_admin:
                await people.make_platform_admin(session, user_id)

    asyncio.run(run())
    typer.echo(f"{email} is now {role.value} of team {team}.")
    if given is None:
        typer.echo(f"Password (shown this once): {password}")


@app.command()
def password(email: Email, password_stdin: PasswordStdin = False, data_dir: DataDir = None) -> None:
    """Give somebody a new password, printed once unless it is piped in. It ends their sign-ins everywhere."""
    from backend.commands.session import session_on
    from backend.embedded import people
    from backend.errors import Conflict
    from backend.settings import load_settings

    settings = load_settings(data_dir=data_dir)
    if settings.mode == "supabase":
        raise Conflict("Your Supabase project keeps the passwords: see Authentication, Users there.")
    given = _given() if password_stdin else None
    chosen = given or people.new_password()

    async def run() -> None:
        async with session_on(settings) as (deps, session):
            await people.replace_password(session, email, chosen, deps.clock.now())

    asyncio.run(run())
    typer.echo(f"{email} has a new password and is signed out everywhere.")
    if given is None:
        typer.echo(f"Password (shown this once): {chosen}")


def _given() -> str:
    """The first line of standard input. Raises Invalid when it is empty."""
    from backend.errors import Invalid

    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise Invalid("--password-stdin: the first line of standard input is empty. Pipe the password in.")
    return line


@app.command("list")
def list_(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Show everybody and their teams."""
    from backend.commands.session import session_on
    from backend.embedded import people
    from backend.settings import load_settings

    async def run() -> list[people.Member]:
        async with session_on(load_settings(data_dir=data_dir)) as (_, session):
            return await people.list_members(session)

    members = asyncio.run(run())
    if as_json:
        import json

        keys = ("user_id", "email", "team", "role")
        typer.echo(json.dumps([{key: str(getattr(member, key)) for key in keys} for member in members]))
        return
    for member in members:
        typer.echo(f"{member.email:<40} {member.role or '-':<10} {member.team or '(no team)'}")

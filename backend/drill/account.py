"""The drill's own user: an admin of the first team, with a new random password at every drill."""

import asyncio
from uuid import UUID

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from backend.client import Account
from backend.commands.session import session_on
from backend.deps import Deps
from backend.embedded import people
from backend.embedded.auth import passwords, users
from backend.errors import Unavailable
from backend.settings import Settings

EMAIL = "drill@nightdesk.local"
# It registers a monitor and hooks, and it may decide.
ROLE = "admin"


async def prepare(settings: Settings) -> Account:
    """Makes the user as `nightdesk user create` does, or gives the one of the last drill another password."""
    async with session_on(settings) as (deps, session):
        return await renew(deps, session)


async def renew(deps: Deps, session: AsyncSession) -> Account:
    """The account that can sign in once the session is committed."""
    account, now = Account(EMAIL, people.new_password()), deps.clock.now()
    known = await users.find_by_email(session, EMAIL)
    if known is None:
        member = (account.email, account.password)
        await people.create_member(session, deps.http, deps.settings, member, people.DEFAULT_TEAM, ROLE, now)
        return account
    if deps.settings.mode == "supabase":
        await _change_on_supabase(deps, known.id, account.password)
    else:
        hashed = await asyncio.to_thread(passwords.hash_password, account.password)
        await users.set_password(session, known.id, hashed, now)
    await people.add_member(session, known.id, people.DEFAULT_TEAM, ROLE)
    return account


async def _change_on_supabase(deps: Deps, user_id: UUID, password: str) -> None:
    """PUT /auth/v1/admin/users/{id}, which only the secret key may call."""
    secret = deps.settings.supabase_service_role_key
    if secret is None:
        raise Unavailable("Set SUPABASE_SERVICE_ROLE_KEY: the drill signs in as a user of its own.", retryable=False)
    key = secret.get_secret_value()
    url = f"{deps.settings.supabase_inside}/auth/v1/admin/users/{user_id}"
    headers = {"apikey": key, "Authorization": f"Bearer {key}"}
    try:
        (await deps.http.put(url, headers=headers, json={"password": password})).raise_for_status()
    except httpx.HTTPError as error:
        raise Unavailable(f"Supabase did not let the drill's user sign in: {error}") from error

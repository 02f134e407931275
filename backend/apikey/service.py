"""The one writer of API keys: made with scopes their maker has, shown once, revoked for good."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import Caller
from backend.apikey.model import ApiKey
from backend.errors import Forbidden, Invalid, NightdeskError, NotFound
from backend.keys import new_key
from backend.permissions import ROLE_PERMISSIONS, Role, ungrantable

MOST_KEYS = 200


class ScopeRefused(Forbidden):
    """An API key cannot have more than you have yourself, and never decides about actions."""

    code = "scope_refused"


class TooManyKeys(NightdeskError):
    """This team has as many API keys as it may have. Revoke one that is not used any more."""

    status, code = 409, "too_many_keys"


async def create(
    session: AsyncSession, caller: Caller, name: str, scopes: Sequence[str], expires_at: datetime | None, now: datetime
) -> tuple[ApiKey, str]:
    """Makes a key. Answers it with the key itself, which cannot be read again. Raises ScopeRefused, Invalid."""
    reason = ungrantable(scopes, caller.permissions)
    if reason is not None:
        raise ScopeRefused(reason)
    if expires_at is not None and expires_at <= now:
        raise Invalid("expires_at: it has to be in the future.")
    await session.execute(text("select 1 from public.teams where id = :id for update"), {"id": caller.team.team_id})
    if len(await list_active(session, caller.team.team_id)) >= MOST_KEYS:
        raise TooManyKeys()
    made = new_key()
    row = ApiKey(
        id=uuid.uuid4(),
        team_id=caller.team.team_id,
        name=name,
        key_prefix=made.prefix,
        key_hash=made.hashed,
        scopes=sorted(set(scopes)),
        created_by=caller.user_id,
        creator_name=caller.actor.name,
        created_at=now,
        expires_at=expires_at,
        last_used_at=None,
        revoked_at=None,
    )
    session.add(row)
    await session.flush()
    return row, made.key


async def list_active(session: AsyncSession, team_id: uuid.UUID) -> list[ApiKey]:
    """The team's keys, oldest first, without the revoked ones."""
    query = select(ApiKey).where(ApiKey.team_id == team_id, ApiKey.revoked_at.is_(None))
    return list(await session.scalars(query.order_by(ApiKey.created_at, ApiKey.id)))


async def revoke(session: AsyncSession, team_id: uuid.UUID, key_id: uuid.UUID, now: datetime) -> ApiKey:
    """The key is refused from the next request on. Raises NotFound."""
    query = select(ApiKey).where(ApiKey.id == key_id, ApiKey.team_id == team_id, ApiKey.revoked_at.is_(None))
    row = (await session.scalars(query.with_for_update())).one_or_none()
    if row is None:
        raise NotFound()
    row.revoked_at = now
    await session.flush()
    return row


async def revoke_beyond(
    session: AsyncSession, team_id: uuid.UUID, user_id: uuid.UUID, role: Role | None, now: datetime
) -> list[str]:
    """Revokes the keys a person made that can do more than their new role (None: they left). Answers their names.

    Whoever made a key has seen it: it must not outlive what they may do.
    """
    change = (
        update(ApiKey)
        .where(ApiKey.team_id == team_id, ApiKey.created_by == user_id, ApiKey.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ApiKey.name)
    )
    if role is not None:
        change = change.where(~ApiKey.scopes.contained_by(sorted(ROLE_PERMISSIONS[role])))
    return sorted(await session.scalars(change))

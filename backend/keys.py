"""API keys as a credential: made, looked up by their sha256, refused by name when they no longer count."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import NightdeskError

PREFIX = "ndk_"
_MOST_CHARS = 200
_USE_NOTED_EVERY = timedelta(minutes=1)


class ApiKeyRefused(NightdeskError):
    """There is no such API key. Check that it was copied whole."""

    status, code = 401, "api_key_refused"


class ApiKeyRevoked(ApiKeyRefused):
    """This API key has been revoked. Ask an admin of the team for a new one."""

    code = "api_key_revoked"


class ApiKeyExpired(ApiKeyRefused):
    """This API key has expired. Ask an admin of the team for a new one."""

    code = "api_key_expired"


@dataclass(frozen=True)
class NewKey:
    """A key as it is shown once, and what is kept of it."""

    key: str = field(repr=False)
    prefix: str
    hashed: bytes


def new_key() -> NewKey:
    """`ndk_`, eight characters that tell it from others, 256 random bits."""
    prefix = PREFIX + secrets.token_hex(4)
    key = prefix + secrets.token_urlsafe(32)
    return NewKey(key, prefix, hashed(key))


def hashed(key: str) -> bytes:
    """What is stored and looked up. A plain hash of 256 random bits cannot be searched."""
    return hashlib.sha256(key.encode()).digest()


async def look_up(session: AsyncSession, key: str, now: datetime) -> Row[Any]:
    """The key's row with its team: id, name, scopes, team_id, team_name, slug, plan, trial_ends_at, suspended_*.

    Raises ApiKeyRefused, ApiKeyRevoked, ApiKeyExpired. Its last use is noted, to the minute.
    """
    if not key.startswith(PREFIX) or len(key) > _MOST_CHARS:
        raise ApiKeyRefused()
    found = await session.execute(
        text(
            "select k.id, k.name, k.scopes, k.expires_at, k.revoked_at, k.last_used_at, t.id as team_id,"
            " t.name as team_name, t.slug, t.plan, t.trial_ends_at, t.suspended_at, t.suspended_reason"
            " from public.api_keys k join public.teams t on t.id = k.team_id where k.key_hash = :hash"
        ),
        {"hash": hashed(key)},
    )
    row = found.first()
    if row is None:
        raise ApiKeyRefused()
    if row.revoked_at is not None:
        raise ApiKeyRevoked()
    if row.expires_at is not None and row.expires_at <= now:
        raise ApiKeyExpired()
    if row.last_used_at is None or row.last_used_at <= now - _USE_NOTED_EVERY:
        await _note_use(session, row.id, now)
    return row


async def _note_use(session: AsyncSession, key_id: UUID, now: datetime) -> None:
    # Many requests of one key at once: one of them writes, none waits.
    await session.execute(
        text(
            "update public.api_keys set last_used_at = :now where id in"
            " (select id from public.api_keys where id = :id for no key update skip locked)"
        ),
        {"id": key_id, "now": now},
    )

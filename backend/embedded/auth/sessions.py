"""Sign-ins: a session with its methods and its chain of refresh tokens. This file alone writes them."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.caller import Origin
from backend.embedded.auth.errors import (
    AuthRefusal,
    RefreshTokenAlreadyUsed,
    RefreshTokenNotFound,
    SessionExpired,
    SessionNotFound,
)
from backend.embedded.auth.rotation import (
    Rotation,
    StoredToken,
    decide,
    fingerprint,
    newest_of,
    successor,
    successor_of,
)

Scope = Literal["global", "local", "others"]
# A session nobody has refreshed for so long is over, for everybody who still holds its token.
IDLE = timedelta(days=30)


@dataclass(frozen=True)
class Client:
    """Where a request comes from, for the lists of sessions and of attempts."""

    ip: str | None
    user_agent: str | None
    country: str | None = None
    city: str | None = None

    @property
    def origin(self) -> Origin:
        """The same in the terms of the audit log."""
        return Origin(self.ip, self.user_agent, self.country, self.city)


@dataclass(frozen=True)
class Opened:
    """A session and the refresh token to hand out."""

    session_id: UUID
    user_id: UUID
    refresh_token: str


async def open_session(session: AsyncSession, user_id: UUID, method: str, client: Client, now: datetime) -> Opened:
    """A new sign-in by one method, at aal1."""
    opened = Opened(uuid4(), user_id, secrets.token_urlsafe(24))
    await session.execute(
        text(
            "insert into auth.sessions (id, user_id, created_at, updated_at, aal, refreshed_at, user_agent, ip)"
            " values (:id, :user_id, :now, :now, 'aal1', (:now at time zone 'utc'), :agent, cast(:ip as inet))"
        ),
        {
            "id": opened.session_id,
            "user_id": user_id,
            "now": now,
            "agent": (client.user_agent or "")[:500],
            "ip": _address(client.ip),
        },
    )
    await add_method(session, opened.session_id, method, now)
    await _add_token(session, opened, None, now)
    await session.execute(
        text("update auth.users set last_sign_in_at = :now, updated_at = :now where id = :id"),
        {"now": now, "id": user_id},
    )
    return opened


async def refresh(session: AsyncSession, token: str, key: bytes, now: datetime) -> Opened | AuthRefusal:
    """Trades a refresh token for its successor.

    A refusal is returned, not raised: ending a stolen session has to be committed.
    """
    found = await _lock_session_of(session, fingerprint(token))
    if found is None:
        return RefreshTokenNotFound()
    if (found.not_after is not None and found.not_after <= now) or now - found.session_updated_at > IDLE:
        await end_session(session, found.session_id)
        return SessionExpired()
    presented = StoredToken(found.token, found.parent, found.revoked, found.updated_at)
    newest = await _newest(session, found.session_id)
    match decide(presented, newest, now):
        case Rotation.ROTATE:
            return await _replace(session, presented, found.session_id, found.user_id, successor(token, key), now)
        case Rotation.REPEAT if newest and (plain := newest_of(token, newest, key)):
            return Opened(found.session_id, found.user_id, plain)
        case _:
            await end_session(session, found.session_id)
            return RefreshTokenAlreadyUsed()


async def step_up(
    session: AsyncSession, session_id: UUID, method: str, key: bytes, now: datetime, *, factor_id: UUID | None = None
) -> Opened:
    """The session after one more proof, with its next refresh token; `factor_id` raises it to aal2.

    Raises SessionNotFound.
    """
    rows = await session.execute(
        text("select user_id from auth.sessions where id = :id for update"), {"id": session_id}
    )
    user_id = rows.scalar_one_or_none()
    newest = await _newest(session, session_id)
    if user_id is None or newest is None:
        raise SessionNotFound()
    if factor_id is not None:
        await session.execute(
            text("update auth.sessions set aal = 'aal2', factor_id = :factor where id = :id"),
            {"factor": factor_id, "id": session_id},
        )
    await add_method(session, session_id, method, now)
    return await _replace(session, newest, session_id, user_id, successor_of(newest.token, key), now)


async def began_at(session: AsyncSession, session_id: UUID | None) -> datetime | None:
    """When the person signed in."""
    rows = await session.execute(text("select created_at from auth.sessions where id = :id"), {"id": session_id})
    return rows.scalar_one_or_none()


async def end_weaker_sessions(session: AsyncSession, user_id: UUID) -> None:
    """Ends every sign-in of the person that has not proved a second factor."""
    await session.execute(
        text("delete from auth.sessions where user_id = :id and coalesce(aal, 'aal1') < 'aal2'"), {"id": user_id}
    )


async def lower_sessions(session: AsyncSession, factor_id: UUID) -> None:
    """Sign-ins that had proved this factor have proved a password only."""
    await session.execute(
        text(
            "delete from auth.mfa_amr_claims m using auth.sessions s"
            " where s.id = m.session_id and s.factor_id = :id and m.authentication_method = 'totp'"
        ),
        {"id": factor_id},
    )
    await session.execute(
        text("update auth.sessions set aal = 'aal1', factor_id = null where factor_id = :id"), {"id": factor_id}
    )


async def end_sessions(session: AsyncSession, user_id: UUID, current: UUID | None, scope: Scope) -> None:
    """Signs out everywhere, here, or everywhere else."""
    where = {"global": "true", "local": "id = :current", "others": "id is distinct from :current"}[scope]
    await session.execute(
        text(f"delete from auth.sessions where user_id = :user_id and {where}"),  # noqa: S608
        {"user_id": user_id, "current": current} if scope != "global" else {"user_id": user_id},
    )


async def end_session(session: AsyncSession, session_id: UUID) -> None:
    """Ends one sign-in; its refresh tokens go with it."""
    await session.execute(text("delete from auth.sessions where id = :id"), {"id": session_id})


async def add_method(session: AsyncSession, session_id: UUID, method: str, now: datetime) -> None:
    """Notes that the person has just proved themselves by a method."""
    await session.execute(
        text(
            "insert into auth.mfa_amr_claims (session_id, created_at, updated_at, authentication_method)"
            " values (:id, :now, :now, :method)"
            " on conflict (session_id, authentication_method) do update set updated_at = excluded.updated_at"
        ),
        {"id": session_id, "now": now, "method": method},
    )


async def assurance(session: AsyncSession, session_id: UUID) -> tuple[str, list[dict[str, Any]]]:
    """The session's level and its methods, newest first: the claims `aal` and `amr`."""
    rows = await session.execute(
        text(
            "select s.aal, m.authentication_method as method, m.updated_at from auth.sessions s"
            " left join auth.mfa_amr_claims m on m.session_id = s.id where s.id = :id order by m.updated_at desc"
        ),
        {"id": session_id},
    )
    found = list(rows)
    level = found[0].aal if found else "aal1"
    return level, [{"method": r.method, "timestamp": int(r.updated_at.timestamp())} for r in found if r.method]


async def _lock_session_of(session: AsyncSession, token: str) -> Row[Any] | None:
    """The presented token with its session, locked: two refreshes of one session go one after the other."""
    owner = await session.execute(
        text(
            "select s.id from auth.sessions s join auth.refresh_tokens r on r.session_id = s.id"
            " where r.token = :token for update of s"
        ),
        {"token": token},
    )
    if owner.first() is None:
        return None
    # A second statement: it sees what the holder of the lock has just committed.
    rows = await session.execute(
        text(
            "select r.token, r.parent, r.revoked, r.updated_at, s.id as session_id, s.user_id, s.not_after,"
            " s.updated_at as session_updated_at"
            " from auth.refresh_tokens r join auth.sessions s on s.id = r.session_id where r.token = :token"
        ),
        {"token": token},
    )
    return rows.first()


async def _newest(session: AsyncSession, session_id: UUID) -> StoredToken | None:
    rows = await session.execute(
        text(
            "select token, parent, revoked, updated_at from auth.refresh_tokens"
            " where session_id = :id and not revoked order by id desc limit 1"
        ),
        {"id": session_id},
    )
    row = rows.first()
    return StoredToken(row.token, row.parent, row.revoked, row.updated_at) if row else None


async def _replace(
    session: AsyncSession, newest: StoredToken, session_id: UUID, user_id: UUID, token: str, now: datetime
) -> Opened:
    await session.execute(
        text("update auth.refresh_tokens set revoked = true, updated_at = :now where token = :token"),
        {"now": now, "token": newest.token},
    )
    await session.execute(
        text("update auth.sessions set updated_at = :now, refreshed_at = (:now at time zone 'utc') where id = :id"),
        {"now": now, "id": session_id},
    )
    opened = Opened(session_id, user_id, token)
    await _add_token(session, opened, newest.token, now)
    return opened


async def _add_token(session: AsyncSession, opened: Opened, parent: str | None, now: datetime) -> None:
    await session.execute(
        text(
            "insert into auth.refresh_tokens (token, user_id, revoked, created_at, updated_at, parent, session_id)"
            " values (:token, :user_id, false, :now, :now, :parent, :session_id)"
        ),
        {
            "token": fingerprint(opened.refresh_token),
            "user_id": str(opened.user_id),
            "now": now,
            "parent": parent,
            "session_id": opened.session_id,
        },
    )


def _address(ip: str | None) -> str | None:
    try:
        return str(ip_address(ip)) if ip else None
    except ValueError:
        return None

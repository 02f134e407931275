"""Who may send alerts: each integration has a token of its own, of which only the sha256 is kept."""

import hashlib
import secrets
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from backend.alert.delivery import Sender
from backend.alert.model import Integration
from backend.errors import Invalid, NotFound

IntegrationKind = Literal["alertmanager"]

PREFIX = "ndi_"
_SHOWN_CHARS = 10
_SENDERS = text(
    """
    select id, team_id, kind, name, token_hash from public.integrations
    where token_hash = any(cast(:hashes as bytea[])) and kind = :kind and revoked_at is null
    union all
    select id, team_id, kind, name, previous_token_hash from public.integrations
    where previous_token_hash = any(cast(:hashes as bytea[])) and kind = :kind and revoked_at is null
        and previous_valid_until > :now
    """
)


class UnknownKind(Invalid):
    """There is no integration of this kind."""

    code = "unknown_integration_kind"


class UnknownToken(NotFound):
    """No integration has this token, or it has been revoked. Create one under Integrations and use its address."""

    code = "unknown_token"


def hashed(token: str) -> bytes:
    """What is stored and looked up. The token has 256 random bits: a plain hash of it cannot be searched."""
    return hashlib.sha256(token.encode()).digest()


async def create(
    session: AsyncSession, team_id: uuid.UUID, kind: str, name: str, now: datetime
) -> tuple[Integration, str]:
    """Makes an integration. Answers it with its token, which cannot be read again. Raises UnknownKind."""
    if kind not in get_args(IntegrationKind):
        raise UnknownKind(
            f"There is no integration of the kind {kind!r}. Kinds: {', '.join(get_args(IntegrationKind))}."
        )
    token = PREFIX + secrets.token_urlsafe(32)
    row = Integration(
        id=uuid.uuid4(),
        team_id=team_id,
        kind=kind,
        name=name,
        token_hash=hashed(token),
        token_prefix=token[:_SHOWN_CHARS],
        created_at=now,
        last_used_at=None,
        revoked_at=None,
    )
    session.add(row)
    await session.flush()
    return row, token


async def list_active(session: AsyncSession, team_id: uuid.UUID) -> list[Integration]:
    """The team's integrations, oldest first, without the revoked ones."""
    query = (
        select(Integration)
        .where(Integration.team_id == team_id, Integration.revoked_at.is_(None))
        .order_by(Integration.created_at, Integration.id)
    )
    return list((await session.execute(query)).scalars())


async def revoke(session: AsyncSession, team_id: uuid.UUID, integration_id: uuid.UUID, now: datetime) -> None:
    """Its token is refused from the next request on; its alerts stay. Raises NotFound."""
    change = (
        update(Integration)
        .where(Integration.id == integration_id, Integration.team_id == team_id, Integration.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(Integration.id)
    )
    if (await session.execute(change)).scalar_one_or_none() is None:
        raise NotFound()


async def rotate(
    session: AsyncSession, team_id: uuid.UUID, integration_id: uuid.UUID, overlap: timedelta, now: datetime
) -> tuple[Integration, str]:
    """Gives it a new token, answered this once; the one before works until the overlap is over. Raises NotFound."""
    query = (
        select(Integration)
        .options(undefer(Integration.token_hash))
        .where(Integration.id == integration_id, Integration.team_id == team_id, Integration.revoked_at.is_(None))
    )
    row = (await session.scalars(query.with_for_update())).one_or_none()
    if row is None:
        raise NotFound()
    token = PREFIX + secrets.token_urlsafe(32)
    row.previous_token_hash, row.previous_valid_until = row.token_hash, now + overlap
    row.token_hash, row.token_prefix = hashed(token), token[:_SHOWN_CHARS]
    await session.flush()
    return row, token


async def senders(session: AsyncSession, kind: str, hashes: Collection[bytes], now: datetime) -> dict[bytes, Sender]:
    """The integrations of a kind by the hash of their token, or of the one before while that is still valid.

    Revoked and unknown ones are missing.
    """
    rows = await session.execute(
        _SENDERS,
        {"hashes": list(hashes), "kind": kind, "now": now},
    )
    return {bytes(row.token_hash): Sender(row.id, row.team_id, row.kind, row.name) for row in rows}


async def note_use(session: AsyncSession, sender_ids: Collection[uuid.UUID], now: datetime) -> None:
    """Says when they last sent something, to the minute: not every alert is worth a write."""
    await session.execute(
        text(
            "update public.integrations set last_used_at = :now where id in (select id from public.integrations"
            " where id = any(cast(:ids as uuid[])) and (last_used_at is null or last_used_at < :now - interval '1 min')"
            " for update skip locked)"
        ),
        {"now": now, "ids": sorted(sender_ids)},
    )

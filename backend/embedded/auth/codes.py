"""One-time codes sent by e-mail: eight digits, hashed, ten minutes, five guesses. This file alone writes them."""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.embedded.auth.sealing import keyed_hash

Purpose = Literal["signup", "invite", "recovery", "magiclink", "email_change", "reauthentication"]

DIGITS = 8
LIFE = timedelta(minutes=10)
# Somebody who is invited reads their mail when they come to work.
INVITATION_LIFE = timedelta(days=7)
MOST_GUESSES = 5
# Sooner than that nothing is sent again: nobody's mailbox can be filled, and guesses stay few per hour.
LEAST_GAP = timedelta(seconds=60)


async def issue(
    session: AsyncSession, user_id: UUID, purpose: Purpose, email: str, key: bytes, now: datetime
) -> str | None:
    """A new code in place of the one before; None when that one was sent a moment ago."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    life = INVITATION_LIFE if purpose == "invite" else LIFE
    written = await session.execute(
        text(
            "insert into auth.email_codes as c (user_id, purpose, email, code_hash, attempts, created_at, expires_at)"
            " values (:user, :purpose, :email, :hash, 0, :now, :expires)"
            " on conflict (user_id, purpose) do update set email = excluded.email, code_hash = excluded.code_hash,"
            " attempts = 0, created_at = excluded.created_at, expires_at = excluded.expires_at"
            " where c.created_at <= :gap or c.email <> excluded.email returning 1"
        ),
        {
            "user": user_id,
            "purpose": purpose,
            "email": email,
            "hash": _hash(user_id, purpose, code, key),
            "now": now,
            "expires": now + life,
            "gap": now - LEAST_GAP,
        },
    )
    return code if written.first() is not None else None


async def take(
    session: AsyncSession, email: str, purposes: tuple[Purpose, ...], code: str, key: bytes, now: datetime
) -> tuple[UUID, Purpose] | None:
    """Whose code this is and what for; it is used up. None: wrong, too late or guessed too often.

    A wrong guess has to be committed by the caller.
    """
    rows = await session.execute(
        text(
            "select user_id, purpose, code_hash, attempts, expires_at from auth.email_codes"
            " where email = :email and purpose = any(:purposes) order by created_at desc for update"
        ),
        {"email": email, "purposes": list(purposes)},
    )
    for row in rows.all():
        if row.attempts >= MOST_GUESSES or row.expires_at <= now:
            continue
        if hmac.compare_digest(row.code_hash, _hash(row.user_id, row.purpose, code.strip(), key)):
            await session.execute(text("delete from auth.email_codes where code_hash = :hash"), {"hash": row.code_hash})
            return row.user_id, row.purpose
        await session.execute(
            text("update auth.email_codes set attempts = attempts + 1 where user_id = :user and purpose = :purpose"),
            {"user": row.user_id, "purpose": row.purpose},
        )
    return None


def _hash(user_id: UUID, purpose: str, code: str, key: bytes) -> str:
    return keyed_hash(key, str(user_id), purpose, code)

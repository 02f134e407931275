"""Recovery codes: ten, shown once, each good once, for whoever has lost their phone."""

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.embedded.auth.sealing import keyed_hash

COUNT = 10
# Without 0 O 1 I L U: they are written on paper. Ten characters are 49 bits.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
HALF = 5


def is_recovery_code(code: str) -> bool:
    """Whether somebody typed one of these rather than the six digits of an app."""
    return len(_plain(code)) == 2 * HALF


async def replace_codes(session: AsyncSession, user_id: UUID, key: bytes, now: datetime) -> list[str]:
    """Ten new codes; the earlier ones are worth nothing."""
    codes = ["-".join(_random_half() for _ in range(2)) for _ in range(COUNT)]
    await drop_codes(session, user_id)
    await session.execute(
        text("insert into auth.recovery_codes (user_id, code_hash, created_at) values (:id, :hash, :now)"),
        [{"id": user_id, "hash": _hash(user_id, code, key), "now": now} for code in codes],
    )
    return codes


async def use_code(session: AsyncSession, user_id: UUID, code: str, key: bytes) -> bool:
    """Takes the code away, if it is one of this person's."""
    rows = await session.execute(
        text("delete from auth.recovery_codes where user_id = :id and code_hash = :hash returning 1"),
        {"id": user_id, "hash": _hash(user_id, code, key)},
    )
    return rows.first() is not None


async def remaining(session: AsyncSession, user_id: UUID) -> int:
    rows = await session.execute(text("select count(*) from auth.recovery_codes where user_id = :id"), {"id": user_id})
    return rows.scalar_one()


async def drop_codes(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(text("delete from auth.recovery_codes where user_id = :id"), {"id": user_id})


def _random_half() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(HALF))


def _plain(code: str) -> str:
    return code.replace("-", "").replace(" ", "").upper()


def _hash(user_id: UUID, code: str, key: bytes) -> str:
    return keyed_hash(key, str(user_id), _plain(code))

"""The keys that sign access tokens: ES256, made on first use, published as JWKS."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db import Database
from backend.errors import Conflict, NotFound

# How soon a rotation made by another process is noticed; verifiers learn of an unknown key at once.
KEPT = timedelta(minutes=1)
# Supabase's promise to verifiers, and the minute in which another process may still sign with the key before.
VERIFIERS_KEEP = timedelta(minutes=10)


@dataclass(frozen=True)
class SigningKey:
    """The key in use."""

    kid: str
    alg: str
    key: jwt.PyJWK


@dataclass(frozen=True)
class KeyState:
    """A key as people see it."""

    kid: str
    alg: str
    status: str
    since: datetime


class Signer:
    """Signs with the key in use, and looks again every minute which one that is."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._current: SigningKey | None = None
        self._read_at: datetime | None = None

    async def sign(self, claims: dict[str, Any], now: datetime) -> str:
        """The JWT of these claims."""
        key = await self._key(now)
        return jwt.encode(claims, key.key, algorithm=key.alg, headers={"kid": key.kid, "typ": "JWT"})

    async def _key(self, now: datetime) -> SigningKey:
        if self._current is None or self._read_at is None or not timedelta() <= now - self._read_at < KEPT:
            async with self._db.transaction() as session:
                self._current = await ensure_signing_key(session, now)
            self._read_at = now
        return self._current


async def ensure_signing_key(session: AsyncSession, now: datetime) -> SigningKey:
    """The key in use; the first start makes it, and one to replace it. Two processes that start at once agree."""
    found = await _in_use(session)
    if found is None:
        await _add_key(session, "in_use", now)
        found = await _in_use(session)
    await _add_key(session, "standby", now)
    assert found is not None
    return found


async def published_keys(session: AsyncSession) -> list[dict[str, Any]]:
    """Public keys that sign, have signed or are about to sign: the JWKS."""
    rows = await session.execute(
        text("select public_jwk from auth.signing_keys where status <> 'revoked' order by created_at desc, kid")
    )
    return [row.public_jwk for row in rows]


async def rotate(session: AsyncSession, lifetime: timedelta, now: datetime) -> list[KeyState]:
    """Signs with the standby key from now on, without signing anybody out.

    1. A key whose last token has expired (`lifetime` after it was replaced) is revoked, 2. the key in use verifies
    what it has signed, 3. the standby key, which verifiers have known since the last rotation, signs, 4. the next
    standby key is published. Returns all keys that are not revoked.
    """
    await ensure_signing_key(session, now)
    await session.execute(text("lock table auth.signing_keys in share row exclusive mode"))
    await session.execute(
        text(
            "update auth.signing_keys set status = 'revoked', private_jwk = '{}', status_since = :now"
            " where status = 'previously_used' and coalesce(status_since, created_at) <= :expired"
        ),
        {"now": now, "expired": now - lifetime - VERIFIERS_KEEP},
    )
    for before, after in (("in_use", "previously_used"), ("standby", "in_use")):
        await session.execute(
            text("update auth.signing_keys set status = :after, status_since = :now where status = :before"),
            {"before": before, "after": after, "now": now},
        )
    await _add_key(session, "standby", now)
    return await key_states(session)


async def revoke(session: AsyncSession, kid: str, now: datetime) -> None:
    """For a key that leaked: its tokens are refused from now on. Raises NotFound, Conflict for the key in use."""
    rows = await session.execute(text("select status from auth.signing_keys where kid = :kid for update"), {"kid": kid})
    status = rows.scalar_one_or_none()
    if status is None:
        raise NotFound(f"There is no signing key {kid!r}; `nightdesk keys list` shows them.")
    if status == "in_use":
        raise Conflict("This key signs now. Run `nightdesk keys rotate` first, then revoke it.")
    await session.execute(
        text(
            "update auth.signing_keys set status = 'revoked', private_jwk = '{}', status_since = :now where kid = :kid"
        ),
        {"kid": kid, "now": now},
    )


async def key_states(session: AsyncSession) -> list[KeyState]:
    """The keys that are not revoked, the newest first."""
    rows = await session.execute(
        text(
            "select kid, alg, status, coalesce(status_since, created_at) as since from auth.signing_keys"
            " where status <> 'revoked' order by created_at desc, kid"
        )
    )
    return [KeyState(row.kid, row.alg, row.status, row.since) for row in rows]


async def _in_use(session: AsyncSession) -> SigningKey | None:
    row = (
        await session.execute(text("select kid, alg, private_jwk from auth.signing_keys where status = 'in_use'"))
    ).first()
    return SigningKey(row.kid, row.alg, jwt.PyJWK(row.private_jwk)) if row else None


async def _add_key(session: AsyncSession, status: str, now: datetime) -> None:
    """Makes the one key of that status, unless there is one."""
    found = await session.execute(text("select 1 from auth.signing_keys where status = :status"), {"status": status})
    if found.first() is not None:
        return
    public, private = _generate()
    await session.execute(
        text(
            "insert into auth.signing_keys (kid, alg, status, public_jwk, private_jwk, created_at, status_since)"
            " values (:kid, 'ES256', :status, cast(:public as jsonb), cast(:private as jsonb), :now, :now)"
            " on conflict do nothing"
        ),
        {
            "kid": public["kid"],
            "status": status,
            "public": json.dumps(public),
            "private": json.dumps(private),
            "now": now,
        },
    )


def _generate() -> tuple[dict[str, Any], dict[str, Any]]:
    private_key = ec.generate_private_key(ec.SECP256R1())
    private = dict(ECAlgorithm.to_jwk(private_key, as_dict=True))
    named = {**private, "kid": secrets.token_hex(16), "alg": "ES256", "use": "sig"}
    public = {name: value for name, value in named.items() if name != "d"}
    return {**public, "key_ops": ["verify"]}, {**named, "key_ops": ["sign", "verify"]}

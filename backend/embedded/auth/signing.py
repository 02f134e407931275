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

# How soon a rotation made by another process is noticed; verifiers learn of an unknown key at once.
KEPT = timedelta(minutes=1)


@dataclass(frozen=True)
class SigningKey:
    """The key in use."""

    kid: str
    alg: str
    key: jwt.PyJWK


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
    """The key in use; the first start makes it. Two processes that start at once agree on one."""
    found = await _in_use(session)
    if found is None:
        await _add_key(session, now)
        found = await _in_use(session)
    assert found is not None
    return found


async def published_keys(session: AsyncSession) -> list[dict[str, Any]]:
    """Public keys that sign, have signed or are about to sign: the JWKS."""
    rows = await session.execute(
        text("select public_jwk from auth.signing_keys where status <> 'revoked' order by created_at desc, kid")
    )
    return [row.public_jwk for row in rows]


async def _in_use(session: AsyncSession) -> SigningKey | None:
    row = (
        await session.execute(text("select kid, alg, private_jwk from auth.signing_keys where status = 'in_use'"))
    ).first()
    return SigningKey(row.kid, row.alg, jwt.PyJWK(row.private_jwk)) if row else None


async def _add_key(session: AsyncSession, now: datetime) -> None:
    public, private = _generate()
    await session.execute(
        text(
            "insert into auth.signing_keys (kid, alg, status, public_jwk, private_jwk, created_at)"
            " values (:kid, 'ES256', 'in_use', cast(:public as jsonb), cast(:private as jsonb), :now)"
            " on conflict do nothing"
        ),
        {"kid": public["kid"], "public": json.dumps(public), "private": json.dumps(private), "now": now},
    )


def _generate() -> tuple[dict[str, Any], dict[str, Any]]:
    private_key = ec.generate_private_key(ec.SECP256R1())
    private = dict(ECAlgorithm.to_jwk(private_key, as_dict=True))
    named = {**private, "kid": secrets.token_hex(16), "alg": "ES256", "use": "sig"}
    public = {name: value for name, value in named.items() if name != "d"}
    return {**public, "key_ops": ["verify"]}, {**named, "key_ops": ["sign", "verify"]}

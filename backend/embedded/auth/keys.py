"""The keys a client names itself with: one publishable, one secret of which only the hash is kept."""

import hashlib
import hmac
import secrets
import string
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.embedded.auth.sealing import new_sealing_key
from backend.errors import Unavailable

ALPHABET = string.ascii_letters + string.digits


class ApiKeys:
    """What a presented key is compared with."""

    def __init__(self, publishable: str, secret_sha256: str | None) -> None:
        self.publishable = publishable
        self._secret_sha256 = secret_sha256

    def kind_of(self, key: str) -> Literal["publishable", "secret"] | None:
        """Which of our keys this is, in constant time; None: neither."""
        if hmac.compare_digest(key.encode(errors="replace"), self.publishable.encode()):
            return "publishable"
        if self._secret_sha256 and hmac.compare_digest(_sha256(key), self._secret_sha256):
            return "secret"
        return None

    async def reload(self, session: AsyncSession) -> None:
        """Learns of a secret key that was replaced on the command line."""
        self._secret_sha256 = (await _stored(session)).get("secret_key_sha256")


@dataclass(frozen=True)
class Secrets:
    """What the edge alone knows: it names successors of refresh tokens, seals factors, hashes codes, signs CAPTCHAs."""

    refresh_key: bytes
    factor_key: str
    code_key: bytes
    captcha_key: bytes


async def ensure_keys(session: AsyncSession, now: datetime) -> tuple[ApiKeys, Secrets]:
    """Makes on the first start what is missing. Returns what is stored."""
    await _store_if_missing(session, "publishable_key", _generate("sb_publishable_"), now)
    await _store_if_missing(session, "factor_key", new_sealing_key(), now)
    for name in ("refresh_token_key", "code_key", "captcha_key"):
        await _store_if_missing(session, name, secrets.token_hex(32), now)
    stored = await _stored(session)
    return ApiKeys(stored["publishable_key"], stored.get("secret_key_sha256")), Secrets(
        refresh_key=bytes.fromhex(stored["refresh_token_key"]),
        factor_key=stored["factor_key"],
        code_key=bytes.fromhex(stored["code_key"]),
        captcha_key=bytes.fromhex(stored["captcha_key"]),
    )


async def publishable_key(session: AsyncSession) -> str:
    """The key browsers send; public. Raises Unavailable before the first start has made it."""
    stored = await _stored(session)
    if "publishable_key" not in stored:
        raise Unavailable("The sign-in service has not started yet.")
    return stored["publishable_key"]


async def replace_secret_key(session: AsyncSession, now: datetime) -> str:
    """A new secret key, shown this once; the previous one stops working."""
    key = _generate("sb_secret_")
    await session.execute(
        text(
            "insert into auth.edge_secrets (name, value, created_at) values ('secret_key_sha256', :value, :now)"
            " on conflict (name) do update set value = excluded.value, created_at = excluded.created_at"
        ),
        {"value": _sha256(key), "now": now},
    )
    return key


async def _stored(session: AsyncSession) -> dict[str, str]:
    rows = await session.execute(text("select name, value from auth.edge_secrets"))
    return {row.name: row.value for row in rows}


async def _store_if_missing(session: AsyncSession, name: str, value: str, now: datetime) -> None:
    await session.execute(
        text(
            "insert into auth.edge_secrets (name, value, created_at) values (:name, :value, :now)"
            " on conflict (name) do nothing"
        ),
        {"name": name, "value": value, "now": now},
    )


def _generate(prefix: str) -> str:
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(32))


def _sha256(key: str) -> str:
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()

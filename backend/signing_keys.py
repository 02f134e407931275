"""The public keys that verify user tokens: fetched from Supabase or from the embedded edge, and kept a while."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, cast

import httpx
import jwt
from sqlalchemy import text

from backend.db import Database
from backend.errors import Unavailable

ASYMMETRIC = frozenset({"ES256", "RS256"})
# Supabase rotates keys on the promise that nobody keeps them longer than ten minutes.
HOSTED_KEYS_KEPT = timedelta(minutes=10)
EMBEDDED_KEYS_KEPT = timedelta(minutes=1)
# A token with an invented key id must not make us ask for keys on every request.
LEAST_GAP = timedelta(seconds=5)

FetchKeys = Callable[[], Awaitable[Sequence[Mapping[str, Any]]]]


class KeyRing:
    """Public keys by id, fetched again when they are old or when an unknown id turns up."""

    def __init__(self, fetch: FetchKeys, kept: timedelta) -> None:
        self._fetch = fetch
        self._kept = kept
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: datetime | None = None
        self._lock = asyncio.Lock()

    async def find(self, kid: str, now: datetime) -> jwt.PyJWK | None:
        """The key of that id, or None. Raises Unavailable when keys cannot be had."""
        if not self._stale(now, self._kept) and kid in self._keys:
            return self._keys[kid]
        async with self._lock:
            known = kid in self._keys
            if self._stale(now, self._kept if known else LEAST_GAP):
                self._keys = _parse_keys(await self._fetch())
                self._fetched_at = now
            return self._keys.get(kid)

    def _stale(self, now: datetime, kept: timedelta) -> bool:
        return self._fetched_at is None or not timedelta() <= now - self._fetched_at < kept


def _parse_keys(items: Sequence[Mapping[str, Any]]) -> dict[str, jwt.PyJWK]:
    keys: dict[str, jwt.PyJWK] = {}
    for item in items:
        kid, algorithm = item.get("kid"), item.get("alg")
        if isinstance(kid, str) and algorithm in ASYMMETRIC:
            # One unreadable key must not shut out those who use another.
            with suppress(jwt.PyJWTError):
                keys[kid] = jwt.PyJWK(dict(item))
    return keys


def hosted_keys(http: httpx.AsyncClient, supabase_url: str) -> FetchKeys:
    """Keys of a Supabase project, over HTTP."""

    async def fetch() -> Sequence[Mapping[str, Any]]:
        try:
            response = await http.get(f"{supabase_url}/auth/v1/.well-known/jwks.json")
            response.raise_for_status()
            return cast(list[Mapping[str, Any]], response.json()["keys"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise Unavailable(f"Supabase's signing keys could not be read: {error}") from error

    return fetch


def embedded_keys(db: Database) -> FetchKeys:
    """Keys of the embedded edge, from its table."""

    async def fetch() -> Sequence[Mapping[str, Any]]:
        async with db.transaction() as session:
            rows = await session.execute(text("select public_jwk from auth.signing_keys where status <> 'revoked'"))
            return [row.public_jwk for row in rows]

    return fetch

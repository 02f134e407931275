"""What a person may do in a channel: the row-level security policies on realtime.messages decide."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db import Database
from backend.tokens import Claims, session_is_live


@dataclass(frozen=True)
class Identity:
    """Whom a socket or channel speaks for. `claims` is None for holders of an API key only."""

    role: Literal["anon", "authenticated", "service_role"]
    claims: Claims | None = None

    @property
    def raw(self) -> dict[str, Any]:
        return self.claims.raw if self.claims else {"role": self.role}


@dataclass(frozen=True)
class Access:
    """What the policies allow. A public channel is open to everybody who is signed in."""

    broadcast_read: bool
    presence_read: bool
    broadcast_write: bool
    presence_write: bool

    @property
    def reads(self) -> bool:
        return self.broadcast_read or self.presence_read


EVERYTHING = Access(True, True, True, True)
NOTHING = Access(False, False, False, False)


class SessionOver(Exception):
    """The sign-in behind a token has ended."""


class Policies:
    """Asks the database, few questions at a time: a thousand clients coming back must not take all connections."""

    def __init__(self, db: Database, at_once: int) -> None:
        self._db = db
        self._room = asyncio.Semaphore(at_once)

    async def access(self, identity: Identity, topic: str, now: datetime, *, private: bool) -> Access:
        """What this identity may do in the channel `topic` (without "realtime:"). Raises SessionOver."""
        if identity.claims is None:
            return EVERYTHING if identity.role == "service_role" else NOTHING
        async with self._room, self._db.transaction() as session:
            if not await session_is_live(session, identity.claims.session_id, now):
                raise SessionOver()
            return await _authorize(session, identity, topic) if private else EVERYTHING


async def _authorize(session: AsyncSession, identity: Identity, topic: str) -> Access:
    rows = await session.execute(
        text("select * from realtime.authorize(:topic, :role, :claims)"),
        {"topic": topic, "role": identity.role, "claims": json.dumps(identity.raw)},
    )
    row = rows.one()
    return Access(row.broadcast_read, row.presence_read, row.broadcast_write, row.presence_write)

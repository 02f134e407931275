"""The SQL of the intake, over many alerts at once. Deciding is rules.py's part, putting it together service.py's."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.alert.kinds import AlertStatus, ParsedAlert
from backend.alert.rules import KnownFiring, severity

# Made once: SQLAlchemy works out what a statement is only the first time it sees the object. What is looked up comes as
# arrays, whose length the planner knows; what is inserted, as one document.
_COUNT = text(
    """
    update public.alerts a set receipts = a.receipts + t.n, last_received_at = :now
    from unnest(cast(:teams as uuid[]), cast(:sources as text[]), cast(:fingerprints as text[]),
        cast(:starts as timestamptz[]), cast(:n as integer[])) with ordinality
        as t (team_id, source, fingerprint, starts_at, n, position)
    where a.team_id = t.team_id and a.source = t.source and a.fingerprint = t.fingerprint
        and a.starts_at = t.starts_at and a.status = 'firing'
    returning t.position, a.incident_id
    """
)
_LOCK = text(
    """
    select a.id, a.team_id, a.source, a.fingerprint, a.starts_at, a.status, a.last_received_at, a.incident_id
    from (select distinct k.team_id, k.source, k.fingerprint
        from unnest(cast(:teams as uuid[]), cast(:sources as text[]), cast(:fingerprints as text[]))
        as k (team_id, source, fingerprint)) as t
    join public.alerts a on a.team_id = t.team_id and a.source = t.source and a.fingerprint = t.fingerprint
    where a.status = 'firing' or a.last_received_at > :recently or a.starts_at = any(cast(:starts as timestamptz[]))
    order by a.team_id, a.source, a.fingerprint, a.starts_at for update of a
    """
)
_INSERT = text(
    """
    insert into public.alerts (team_id, source, fingerprint, starts_at, integration_id, status, severity, name, labels,
        annotations, generator_url, external_url, group_key, receiver, ends_at, receipts, received_at, last_received_at)
    select t.team_id, t.source, t.fingerprint, t.starts_at, t.integration_id, t.status, t.severity, t.name, t.labels,
        t.annotations, t.generator_url, t.external_url, t.group_key, t.receiver, t.ends_at, t.receipts, :now, :now
    from json_to_recordset(cast(:rows as json)) as t (position integer, team_id uuid, source text, fingerprint text,
        starts_at timestamptz, integration_id uuid, status text, severity text, name text, labels jsonb,
        annotations jsonb, generator_url text, external_url text, group_key text, receiver text,
        ends_at timestamptz, receipts integer)
    order by t.position on conflict do nothing returning id, team_id, source, fingerprint, starts_at
    """
)
_CHANGE = text(
    """
    update public.alerts a set status = t.status, receipts = a.receipts + t.receipts,
        ends_at = case when t.is_news then t.ends_at else a.ends_at end,
        last_received_at = case when t.is_news then :now else a.last_received_at end,
        incident_id = coalesce(t.incident_id, a.incident_id)
    from unnest(cast(:ids as uuid[]), cast(:statuses as text[]), cast(:ends as timestamptz[]),
        cast(:receipts as integer[]), cast(:incident_ids as uuid[]), cast(:news as boolean[]))
        as t (id, status, ends_at, receipts, incident_id, is_news)
    where a.id = t.id
    """
)


class Identity(NamedTuple):
    """An alert, whenever it fires."""

    team_id: uuid.UUID
    source: str
    fingerprint: str


class Key(NamedTuple):
    """One firing of an alert: one row. The order of keys is the order of locks."""

    team_id: uuid.UUID
    source: str
    fingerprint: str
    starts_at: datetime

    @property
    def identity(self) -> Identity:
        return Identity(self.team_id, self.source, self.fingerprint)


@dataclass(frozen=True)
class StoredFiring:
    """A row as it was when it was locked."""

    id: uuid.UUID
    incident_id: uuid.UUID | None
    known: KnownFiring


@dataclass(frozen=True)
class NewFiring:
    """A row to be."""

    key: Key
    alert: ParsedAlert
    status: AlertStatus
    receipts: int
    integration_id: uuid.UUID
    external_url: str | None
    group_key: str | None
    receiver: str | None


@dataclass(frozen=True)
class Change:
    """What becomes of a row. Only news move its end, and the time at which we last heard something that mattered."""

    row_id: uuid.UUID
    status: AlertStatus
    ends_at: datetime | None
    receipts: int
    incident_id: uuid.UUID | None
    is_news: bool


def _columns(keys: Iterable[Key]) -> dict[str, list[object]]:
    teams, sources, fingerprints, starts = zip(*keys, strict=True)
    return {"teams": [*teams], "sources": [*sources], "fingerprints": [*fingerprints], "starts": [*starts]}


async def count_repetitions(
    session: AsyncSession, receipts: Mapping[Key, int], now: datetime
) -> dict[Key, uuid.UUID | None]:
    """Counts the receipts of rows that fire; answers those rows with their incidents. The others are left alone."""
    keys = list(receipts)
    rows = await session.execute(_COUNT, {"now": now, "n": list(receipts.values()), **_columns(keys)})
    return {keys[row.position - 1]: row.incident_id for row in rows}


async def lock_known(
    session: AsyncSession, keys: Iterable[Key], recently: datetime
) -> dict[Identity, list[StoredFiring]]:
    """Locks what can decide about these firings: their own rows, and what else of the same alert fires or just did."""
    rows = await session.execute(_LOCK, {"recently": recently, **_columns(keys)})
    found: dict[Identity, list[StoredFiring]] = {}
    for row in rows:
        firing = KnownFiring(row.starts_at, row.status, row.last_received_at)
        identity = Identity(row.team_id, row.source, row.fingerprint)
        found.setdefault(identity, []).append(StoredFiring(row.id, row.incident_id, firing))
    return found


async def insert(session: AsyncSession, new: Sequence[NewFiring], now: datetime) -> dict[Key, uuid.UUID]:
    """Stores firings in the order of their keys. What another transaction stored meanwhile is missing in the answer."""
    document = orjson.dumps([_document(at, row, now) for at, row in enumerate(new)]).decode()
    rows = await session.execute(_INSERT, {"now": now, "rows": document})
    return {Key(row.team_id, row.source, row.fingerprint, row.starts_at): row.id for row in rows}


def _document(position: int, new: NewFiring, now: datetime) -> dict[str, object]:
    alert = new.alert
    return {
        "position": position,
        **new.key._asdict(),
        "integration_id": new.integration_id,
        "status": new.status,
        "severity": severity(alert.labels),
        "name": alert.name,
        "labels": alert.labels,
        "annotations": alert.annotations,
        "generator_url": alert.generator_url,
        "external_url": new.external_url,
        "group_key": new.group_key,
        "receiver": new.receiver,
        "ends_at": (alert.ends_at or now) if new.status == "resolved" else None,
        "receipts": new.receipts,
    }


async def change(session: AsyncSession, changes: Sequence[Change], now: datetime) -> None:
    """Writes decisions to rows that are locked."""
    if not changes:
        return
    await session.execute(
        _CHANGE,
        {
            "now": now,
            "ids": [c.row_id for c in changes],
            "statuses": [c.status for c in changes],
            "ends": [c.ends_at for c in changes],
            "receipts": [c.receipts for c in changes],
            "incident_ids": [c.incident_id for c in changes],
            "news": [c.is_news for c in changes],
        },
    )

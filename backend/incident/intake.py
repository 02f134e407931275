"""The kernel's observe and recover for many incidents at once: a number of statements that does not grow with them.

The same guarantees as in service.py: rows are locked in one order, the partial unique index decides who opens, the
rules decide what changes, and the event and the job are written in the caller's transaction.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import jobs
from backend.actor import Actor
from backend.errors import Conflict
from backend.incident import rules
from backend.incident.rules import Refusal, Severity, Status
from backend.incident.service import Observation, Observed

_TRIES = 3

Key = tuple[uuid.UUID, str]


@dataclass
class _Open:
    """An active incident while observations are folded into it."""

    id: uuid.UUID
    team_id: uuid.UUID
    status: Status
    severity: Severity
    firing: bool
    repeats: int = 0


@dataclass
class _Event:
    """A line for the timeline."""

    incident_id: uuid.UUID
    team_id: uuid.UUID
    verb: str
    from_status: Status | None
    status: Status
    actor: Actor
    message: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


async def observe_many(session: AsyncSession, seen: Sequence[Observation], now: datetime) -> list[Observed]:
    """What service.observe would answer to each, called in this order. Every observation needs a fingerprint."""
    groups: dict[Key, list[int]] = {}
    for index, observation in enumerate(seen):
        assert observation.fingerprint is not None
        groups.setdefault((observation.team_id, observation.fingerprint), []).append(index)
    answers: dict[int, Observed] = {}
    pending = sorted(groups)
    for _ in range(_TRIES):
        known = await _lock_active(session, pending)
        opened = await _open(session, [seen[groups[key][0]] for key in pending if key not in known], now)
        events: list[_Event] = []
        for key, incident in {**known, **opened}.items():
            _fold(incident, [seen[i] for i in groups[key]], key in opened, events)
            for position, index in enumerate(groups[key]):
                first = key in opened and position == 0
                answers[index] = Observed(incident.id, "opened" if first else "merged")
        await _store(session, [*known.values(), *opened.values()], now)
        await _append(session, events, now)
        await _ask_for_investigations(session, opened.values())
        pending = [key for key in pending if key not in known and key not in opened]
        if not pending:
            return [answers[index] for index in range(len(seen))]
        # Somebody else opened these in between: now they are there to be merged into.
    raise Conflict("The incidents keep opening and closing; send the alerts again.")


async def _lock_active(session: AsyncSession, keys: Sequence[Key]) -> dict[Key, _Open]:
    rows = await session.execute(
        text(
            "select i.id, i.team_id, i.fingerprint, i.status, i.severity, i.firing"
            " from unnest(cast(:teams as uuid[]), cast(:fingerprints as text[])) as k (team_id, fingerprint)"
            " join public.incidents i on i.team_id = k.team_id and i.fingerprint = k.fingerprint"
            " where i.fingerprint is not null and i.status not in ('resolved', 'failed')"
            " order by i.team_id, i.fingerprint for update of i"
        ),
        {"teams": [team for team, _ in keys], "fingerprints": [fingerprint for _, fingerprint in keys]},
    )
    return {(r.team_id, r.fingerprint): _Open(r.id, r.team_id, r.status, r.severity, r.firing) for r in rows}


async def _open(session: AsyncSession, first: Sequence[Observation], now: datetime) -> dict[Key, _Open]:
    """Opens what has no active incident. What another transaction opened meanwhile is missing in the answer."""
    if not first:
        return {}
    rows = await session.execute(
        text(
            "insert into public.incidents (id, team_id, title, description, target, namespace, severity, status,"
            " source_type, container_runtime, server_name, labels, fingerprint, monitor_id, started_at, last_seen_at,"
            " created_at, updated_at)"
            " select t.id, t.team_id, t.title, t.description, t.target, t.namespace, t.severity, 'detected',"
            " t.source_type, t.container_runtime, t.server_name, t.labels::jsonb, t.fingerprint, t.monitor_id,"
            " t.started_at, :now, :now, :now"
            " from unnest(cast(:id as uuid[]), cast(:team_id as uuid[]), cast(:title as text[]),"
            " cast(:description as text[]), cast(:target as text[]), cast(:namespace as text[]),"
            " cast(:severity as text[]), cast(:source_type as text[]), cast(:container_runtime as text[]),"
            " cast(:server_name as text[]), cast(:labels as text[]), cast(:fingerprint as text[]),"
            " cast(:monitor_id as uuid[]), cast(:started_at as timestamptz[])) with ordinality"
            " as t (id, team_id, title, description, target, namespace, severity, source_type, container_runtime,"
            " server_name, labels, fingerprint, monitor_id, started_at, position)"
            " order by t.position on conflict do nothing returning id, team_id, fingerprint, severity"
        ),
        {
            "now": now,
            "id": [uuid.uuid4() for _ in first],
            "labels": [orjson.dumps(dict(o.labels)).decode() for o in first],
            **{name: [getattr(o, name) for o in first] for name in _COPIED},
        },
    )
    return {(r.team_id, r.fingerprint): _Open(r.id, r.team_id, "detected", r.severity, firing=True) for r in rows}


_COPIED = (
    "team_id",
    "title",
    "description",
    "target",
    "namespace",
    "severity",
    "source_type",
    "container_runtime",
    "server_name",
    "fingerprint",
    "monitor_id",
    "started_at",
)


def _fold(incident: _Open, seen: Sequence[Observation], is_opened: bool, events: list[_Event]) -> None:
    """Merges observations into a locked incident, in order; the first one of an opened incident opened it."""
    for position, observation in enumerate(seen):
        labels = dict(observation.labels)
        if is_opened and position == 0:
            events.append(_line(incident, "detect", None, observation.actor, observation.title, labels))
            continue
        incident.repeats += 1
        fired_again, incident.firing = not incident.firing, True
        raised = rules.worse(incident.severity, observation.severity)
        message = observation.title
        if raised != incident.severity:
            message = f"{observation.title} — severity raised from {incident.severity} to {raised}"
            incident.severity = raised
        if observation.is_new or fired_again:
            events.append(_line(incident, "merge", incident.status, observation.actor, message, labels))


def _line(
    incident: _Open, verb: str, before: Status | None, actor: Actor, message: str, data: Mapping[str, Any]
) -> _Event:
    return _Event(incident.id, incident.team_id, verb, before, incident.status, actor, message, data)


async def _store(session: AsyncSession, incidents: Sequence[_Open], now: datetime) -> None:
    changed = [incident for incident in incidents if incident.repeats]
    if not changed:
        return
    await session.execute(
        text(
            "update public.incidents i set occurrences = i.occurrences + t.repeats, severity = t.severity,"
            " firing = true, last_seen_at = :now, updated_at = :now"
            " from unnest(cast(:ids as uuid[]), cast(:repeats as integer[]), cast(:severities as text[]))"
            " as t (id, repeats, severity) where i.id = t.id"
        ),
        {
            "now": now,
            "ids": [incident.id for incident in changed],
            "repeats": [incident.repeats for incident in changed],
            "severities": [incident.severity for incident in changed],
        },
    )


async def _ask_for_investigations(session: AsyncSession, opened: Iterable[_Open]) -> None:
    waiting = [(str(incident.id), {"incident_id": str(incident.id), "hint": None}) for incident in opened]
    if waiting:
        await jobs.defer_many(session, jobs.INVESTIGATE, waiting)


async def count_repeats(session: AsyncSession, repeats: Mapping[uuid.UUID, int], now: datetime) -> set[uuid.UUID]:
    """Counts repetitions of trouble that is known and still firing: nothing but the counters changes.

    Answers which incidents were active and firing; for the others, observe_many has to decide.
    """
    ids = sorted(repeats)
    rows = await session.execute(
        text(
            "update public.incidents i set occurrences = i.occurrences + t.n, last_seen_at = :now, updated_at = :now"
            " from unnest(cast(:ids as uuid[]), cast(:n as integer[])) as t (id, n)"
            " where i.id = t.id and i.firing and i.status not in ('resolved', 'failed') returning i.id"
        ),
        {"now": now, "ids": ids, "n": [repeats[incident_id] for incident_id in ids]},
    )
    return set(rows.scalars())


async def lock_many(session: AsyncSession, incident_ids: Sequence[uuid.UUID]) -> Sequence[Row[Any]]:
    """The incidents, locked until the transaction ends, in the order in which observe_many locks."""
    rows = await session.execute(
        text(
            "select id, team_id, status, firing from public.incidents where id = any(cast(:ids as uuid[]))"
            " order by team_id, fingerprint, id for update"
        ),
        {"ids": list(incident_ids)},
    )
    return rows.all()


async def recover_many(
    session: AsyncSession, locked: Sequence[Row[Any]], actor: Actor, now: datetime, *, message: str
) -> list[uuid.UUID]:
    """What service.recover does to each of the incidents of lock_many. Answers which ones it resolved."""
    resolved: list[uuid.UUID] = []
    events: list[_Event] = []
    for row in locked:
        incident = _Open(row.id, row.team_id, row.status, "low", row.firing)
        refusal = rules.recovers(incident.status)
        if refusal is None:
            before, after = incident.status, rules.next_status(incident.status, "resolve")
            assert not isinstance(after, Refusal)
            incident.status = after
            resolved.append(incident.id)
            events.append(_line(incident, "resolve", before, actor, message, {}))
        elif incident.firing:
            events.append(_line(incident, "recover", incident.status, actor, f"{message} {refusal.reason}", {}))
    await _close(session, [row.id for row in locked], resolved, actor, now)
    await _append(session, events, now)
    if resolved:
        waiting = [(str(incident_id), {"incident_id": str(incident_id)}) for incident_id in resolved]
        await jobs.defer_many(session, jobs.WRITE_POST_MORTEM, waiting)
    return resolved


async def _close(
    session: AsyncSession, recovered: Sequence[uuid.UUID], resolved: Sequence[uuid.UUID], actor: Actor, now: datetime
) -> None:
    still_open = set(recovered).difference(resolved)
    if still_open:
        await session.execute(
            text("update public.incidents set firing = false where id = any(cast(:ids as uuid[])) and firing"),
            {"ids": sorted(still_open)},
        )
    await session.execute(
        text(
            "update public.incidents set status = 'resolved', firing = false, updated_at = :now, resolved_at = :now,"
            " resolved_by = :who, needs_person = null where id = any(cast(:ids as uuid[]))"
        ),
        {"now": now, "who": actor.name, "ids": list(resolved)},
    )


async def _append(session: AsyncSession, events: Sequence[_Event], now: datetime) -> None:
    if not events:
        return
    await session.execute(
        text(
            "insert into public.incident_events (incident_id, team_id, verb, from_status, status, actor_kind, actor_id,"
            " actor, message, data, created_at)"
            " select t.incident_id, t.team_id, t.verb, t.from_status, t.status, t.actor_kind, t.actor_id, t.actor,"
            " t.message, t.data::jsonb, :now"
            " from unnest(cast(:incident_ids as uuid[]), cast(:team_ids as uuid[]), cast(:verbs as text[]),"
            " cast(:befores as text[]), cast(:afters as text[]), cast(:actor_kinds as text[]),"
            " cast(:actor_ids as uuid[]), cast(:actors as text[]), cast(:messages as text[]), cast(:data as text[]))"
            " with ordinality as t (incident_id, team_id, verb, from_status, status, actor_kind, actor_id, actor,"
            " message, data, position) order by t.position"
        ),
        {
            "now": now,
            "incident_ids": [event.incident_id for event in events],
            "team_ids": [event.team_id for event in events],
            "verbs": [event.verb for event in events],
            "befores": [event.from_status for event in events],
            "afters": [event.status for event in events],
            "actor_kinds": [event.actor.kind for event in events],
            "actor_ids": [event.actor.id for event in events],
            "actors": [event.actor.name for event in events],
            "messages": [event.message for event in events],
            "data": [orjson.dumps(event.data).decode() for event in events],
        },
    )

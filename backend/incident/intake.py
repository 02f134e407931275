"""Observations, one or many at once: each opens an incident, or merges into the one it belongs to.

The number of statements does not grow with the number of observations. One at a time decides where a team's trouble
belongs, rows are locked in one order, the partial unique index decides who opens, the rules decide what changes; events
and jobs are written in the caller's transaction.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import jobs
from backend.errors import Conflict
from backend.incident import joining, rules, service, timeline, turn
from backend.incident.joining import Key, Open
from backend.incident.kinship import Kinship
from backend.incident.service import Observation, Observed
from backend.incident.timeline import Line

_TRIES = 3
_COPIED = (
    *("team_id", "title", "description", "target", "namespace", "severity", "source_type", "container_runtime"),
    *("server_name", "fingerprint", "monitor_id", "owner", "started_at"),
)

_OPEN = text(
    """
    insert into public.incidents (id, team_id, title, description, target, namespace, severity, status, source_type,
        container_runtime, server_name, labels, fingerprint, monitor_id, owner, started_at, last_seen_at, created_at,
        updated_at)
    select t.id, t.team_id, t.title, t.description, t.target, t.namespace, t.severity, 'detected', t.source_type,
        t.container_runtime, t.server_name, t.labels, t.fingerprint, t.monitor_id, t.owner, t.started_at, :now, :now,
        :now
    from json_to_recordset(cast(:rows as json)) as t (position integer, id uuid, team_id uuid, title text,
        description text, target text, namespace text, severity text, source_type text, container_runtime text,
        server_name text, labels jsonb, fingerprint text, monitor_id uuid, owner text, started_at timestamptz)
    order by t.position on conflict do nothing returning id, team_id, fingerprint, severity, started_at
    """
)
_STORE = text(
    """
    update public.incidents i set occurrences = i.occurrences + t.repeats, severity = t.severity, firing = true,
        last_seen_at = :now, updated_at = :now
    from unnest(cast(:ids as uuid[]), cast(:repeats as integer[]), cast(:severities as text[]))
        as t (id, repeats, severity)
    where i.id = t.id
    """
)
_COUNT = text(
    """
    update public.incidents i set occurrences = i.occurrences + t.n, last_seen_at = :now, updated_at = :now
    from unnest(cast(:ids as uuid[]), cast(:n as integer[])) as t (id, n)
    where i.id = t.id and i.firing and i.status not in ('resolved', 'failed') returning i.id
    """
)


@dataclass
class _Settled:
    """Where each fingerprint belongs."""

    merging: dict[Key, Open] = field(default_factory=dict[Key, Open])
    opening: dict[Key, Open] = field(default_factory=dict[Key, Open])
    joining: dict[Key, tuple[Open, Kinship]] = field(default_factory=dict[Key, tuple[Open, Kinship]])

    def incident(self, key: Key) -> Open | None:
        return self.merging.get(key) or self.opening.get(key) or self.joining.get(key, (None,))[0]


async def observe(session: AsyncSession, seen: Observation, now: datetime) -> Observed:
    """Opens an incident, or merges into the active one that the trouble belongs to, and counts it.

    Safe under concurrency: one at a time decides, and the partial unique index who opens. Severity only rises.
    """
    if seen.fingerprint is None:
        return await service.open_alone(session, seen, now)
    return (await observe_many(session, [seen], now))[0]


async def observe_many(session: AsyncSession, seen: Sequence[Observation], now: datetime) -> list[Observed]:
    """What observe would answer to each, called in this order. Every observation needs a fingerprint."""
    await turn.take(session, {one.team_id for one in seen})
    answers: dict[int, Observed] = {}
    pending = range(len(seen))
    for _ in range(_TRIES):
        settled = await _settle(session, [seen[i] for i in pending], now)
        lines: list[Line] = []
        news = {key: i for i in reversed(pending) if (key := _key(seen[i])) not in settled.merging}
        for index in pending:
            incident = settled.incident(_key(seen[index]))
            if incident is not None:
                answers[index] = _fold(incident, seen[index], settled, news.get(_key(seen[index])) == index, lines)
        incidents = {one.id: one for i in pending if (one := settled.incident(_key(seen[i]))) is not None}
        await _store(session, list(incidents.values()), now)
        await joining.remember(
            session, [(one, seen[news[key]], why) for key, (one, why) in settled.joining.items()], now
        )
        await timeline.append(session, lines, now)
        await _ask_for_investigations(session, settled.opening.values())
        pending = [i for i in pending if i not in answers]
        if not pending:
            return [answers[index] for index in range(len(seen))]
        # A person reopened these in between, without a turn: now they are there to be merged into.
    raise Conflict("The incidents keep opening and closing; send the alerts again.")


def _key(seen: Observation) -> Key:
    assert seen.fingerprint is not None
    return seen.team_id, seen.fingerprint


async def _settle(session: AsyncSession, seen: Sequence[Observation], now: datetime) -> _Settled:
    """Decides for every fingerprint, in the order in which they were first seen. Those are missing that another
    transaction opened just now, with what would have joined them."""
    first: dict[Key, Observation] = {}
    for observation in seen:
        first.setdefault(_key(observation), observation)
    settled = _Settled(merging=await joining.lock_known(session, sorted(first)))
    unknown = {key: observation for key, observation in first.items() if key not in settled.merging}
    if not unknown:
        return settled
    await joining.learn_dependencies(session, list(unknown.values()))
    near = await joining.lock_surroundings(session, list(unknown.values()), now)
    leaders: dict[Key, Open] = {}
    followers: dict[Key, tuple[Open, Kinship]] = {}
    for key, observation in unknown.items():
        akin = near.akin(observation) if observation.joins else None
        if akin is None:
            leaders[key] = _planned(observation)
            near.add(leaders[key])
        else:
            followers[key] = akin
    settled.opening = await _open(session, [unknown[key] for key in sorted(leaders)], now)
    opened = {leaders[key].id: incident for key, incident in settled.opening.items()}
    planned = {incident.id for incident in leaders.values()}
    for key, (incident, why) in followers.items():
        if incident.id not in planned or incident.id in opened:
            settled.joining[key] = (opened.get(incident.id, incident), why)
    return settled


def _planned(seen: Observation) -> Open:
    """An incident that is about to be opened, for others of the same delivery to join."""
    return Open(uuid.uuid4(), seen.team_id, "detected", seen.severity, True, (seen.subject,), seen.started_at)


async def _open(session: AsyncSession, first: Sequence[Observation], now: datetime) -> dict[Key, Open]:
    """Opens what has no active incident. What another transaction opened meanwhile is missing in the answer."""
    if not first:
        return {}
    document = orjson.dumps([_document(at, one) for at, one in enumerate(first)]).decode()
    rows = await session.execute(_OPEN, {"now": now, "rows": document})
    subjects = {(one.team_id, one.fingerprint): one.subject for one in first}
    return {
        (r.team_id, r.fingerprint): Open(
            r.id, r.team_id, "detected", r.severity, True, (subjects[r.team_id, r.fingerprint],), r.started_at
        )
        for r in rows
    }


def _document(position: int, seen: Observation) -> dict[str, object]:
    copied = {name: getattr(seen, name) for name in _COPIED}
    return {**copied, "position": position, "id": uuid.uuid4(), "labels": dict(seen.labels)}


def _fold(incident: Open, seen: Observation, settled: _Settled, is_first: bool, lines: list[Line]) -> Observed:
    """Counts an observation to a locked incident. `is_first`: of a fingerprint that was not known to it."""
    key, labels = _key(seen), dict(seen.labels)
    if is_first and key in settled.opening:
        lines.append(
            Line(incident.id, incident.team_id, "detect", None, incident.status, seen.actor, seen.title, labels)
        )
        return Observed(incident.id, "opened")
    incident.repeats += 1
    fired_again, incident.firing = not incident.firing, True
    raised = rules.worse(incident.severity, seen.severity)
    message, verb = seen.title, "merge"
    if is_first:
        why = settled.joining[key][1]
        message, verb, labels = f"{seen.title} — joined, because {why.reason}", "join", {**labels, "join": why.kind}
    if raised != incident.severity:
        message = f"{message} — severity raised from {incident.severity} to {raised}"
        incident.severity = raised
    if is_first or seen.is_new or fired_again:
        status = incident.status
        lines.append(Line(incident.id, incident.team_id, verb, status, status, seen.actor, message, labels))
    return Observed(incident.id, "merged")


async def _store(session: AsyncSession, incidents: Sequence[Open], now: datetime) -> None:
    changed = [incident for incident in incidents if incident.repeats]
    if not changed:
        return
    await session.execute(
        _STORE,
        {
            "now": now,
            "ids": [incident.id for incident in changed],
            "repeats": [incident.repeats for incident in changed],
            "severities": [incident.severity for incident in changed],
        },
    )


async def _ask_for_investigations(session: AsyncSession, opened: Iterable[Open]) -> None:
    waiting = [(str(incident.id), {"incident_id": str(incident.id), "hint": None}) for incident in opened]
    if waiting:
        await jobs.defer_many(session, jobs.INVESTIGATE, waiting)


async def count_repeats(session: AsyncSession, repeats: Mapping[uuid.UUID, int], now: datetime) -> set[uuid.UUID]:
    """Counts repetitions of trouble that is known and still firing: nothing but the counters changes.

    Answers which incidents were active and firing; for the others, observe_many has to decide.
    """
    ids = sorted(repeats)
    counts = {"now": now, "ids": ids, "n": [repeats[incident_id] for incident_id in ids]}
    rows = await session.execute(_COUNT, counts)
    return set(rows.scalars())

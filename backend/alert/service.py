"""The one writer of alerts: every alert of a delivery is stored, opens or merges into its incident, or ends it.

Many deliveries share one transaction, and the number of statements does not grow with the number of alerts. Locks are
taken in one order: alerts by fingerprint, the team's turn where something may open or join an incident, then incidents.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from backend.alert import rules, statements
from backend.alert.delivery import Delivery, Received, Sender
from backend.alert.kinds import Batch, ParsedAlert
from backend.alert.rules import Receipt
from backend.alert.statements import Change, Identity, Key, NewFiring, StoredFiring
from backend.alert.subject import subject_of
from backend.errors import Conflict
from backend.incident import intake, recovery, turn
from backend.incident.service import Observation

_TRIES = 3
_RECOVERED = "Every alert behind it has resolved."
_REPEATED = Receipt("firing", "still_firing")


@dataclass
class _Arrival:
    """One firing as it came in: once, or in several deliveries (`positions`)."""

    alert: ParsedAlert
    delivery: Delivery
    positions: list[int]
    uncounted: int = 1
    receipt: Receipt = _REPEATED
    row: StoredFiring | None = None
    incident_id: uuid.UUID | None = None


@dataclass
class _Outcome:
    """Ids in the order in which they came up, each once."""

    opened: dict[uuid.UUID, None] = field(default_factory=dict[uuid.UUID, None])
    merged: dict[uuid.UUID, None] = field(default_factory=dict[uuid.UUID, None])
    resolved: dict[uuid.UUID, None] = field(default_factory=dict[uuid.UUID, None])


_Arrivals = dict[Key, _Arrival]
_Outcomes = Sequence[_Outcome]


async def receive(session: AsyncSession, sender: Sender, batch: Batch, now: datetime) -> Received:
    """Stores the alerts of one delivery and tells the incidents."""
    return (await receive_many(session, [Delivery(sender, batch)], now))[0]


async def receive_many(session: AsyncSession, deliveries: Sequence[Delivery], now: datetime) -> list[Received]:
    """Stores deliveries in the session's transaction. The steps:

    1. Count the repetitions of what is known to fire: by far the most, and nothing else changes.
    2. Lock what is known of the rest, let the rules decide on each, store the new ones.
    3. Count the repetitions to their incidents. What fires on although its incident was closed is decided on, too.
    4. Open incidents, or merge into them.
    5. End what is over, and the incidents of which nothing fires any more.
    """
    outcomes = [_Outcome() for _ in deliveries]
    arrivals = _merged(deliveries)
    repeated = await _count_repetitions(session, arrivals, now)
    rest = {key: arrival for key, arrival in arrivals.items() if key not in repeated}
    known = await _decide_and_store(session, rest, now)
    if repeated:
        await turn.take(session, {key.team_id for key, arrival in rest.items() if arrival.receipt.is_trouble})
        left = await _count_to_incidents(session, arrivals, repeated, outcomes, now)
        known |= await _decide_and_store(session, left, now)
        rest = dict(sorted((rest | left).items()))
    if rest:
        await _tell_incidents(session, rest, outcomes, now)
        over = _over(rest, known)
        await statements.change(session, _changes(rest, over, now), now)
        if over:
            await _recover(session, over, outcomes, now)
    return [
        Received(d.batch.received, list(o.opened), [i for i in o.merged if i not in o.opened], list(o.resolved))
        for d, o in zip(deliveries, outcomes, strict=True)
    ]


def _merged(deliveries: Sequence[Delivery]) -> _Arrivals:
    """The same firing from several deliveries is one arrival. That it is over is the later word."""
    arrivals: _Arrivals = {}
    for position, delivery in enumerate(deliveries):
        for alert in delivery.batch.alerts:
            key = Key(delivery.sender.team_id, delivery.batch.source, alert.fingerprint, alert.starts_at)
            arrival = arrivals.get(key)
            if arrival is None:
                arrivals[key] = _Arrival(alert, delivery, [position])
                continue
            arrival.positions.append(position)
            arrival.uncounted += 1
            if alert.status == "resolved":
                arrival.alert = alert
    return dict(sorted(arrivals.items()))


async def _count_repetitions(session: AsyncSession, arrivals: _Arrivals, now: datetime) -> dict[Key, uuid.UUID]:
    """Counts what is known to fire. Answers the incidents of those that have one; the others need a decision."""
    firing = {key: arrival for key, arrival in arrivals.items() if arrival.alert.status == "firing"}
    if not firing:
        return {}
    counted = await statements.count_repetitions(session, {k: a.uncounted for k, a in firing.items()}, now)
    for key in counted:
        firing[key].uncounted = 0
    return {key: incident_id for key, incident_id in counted.items() if incident_id is not None}


async def _count_to_incidents(
    session: AsyncSession,
    arrivals: _Arrivals,
    repeated: Mapping[Key, uuid.UUID],
    outcomes: _Outcomes,
    now: datetime,
) -> _Arrivals:
    """Counts repetitions to their incidents. Answers those whose incident was closed: they need a decision.

    That takes a turn late, and may end in a deadlock: rarely, as those are few, and the intake starts over.
    """
    repeats: dict[uuid.UUID, int] = {}
    for key, incident_id in repeated.items():
        repeats[incident_id] = repeats.get(incident_id, 0) + len(arrivals[key].positions)
    told = await intake.count_repeats(session, repeats, now)
    for key, incident_id in repeated.items():
        for position in arrivals[key].positions if incident_id in told else ():
            outcomes[position].merged[incident_id] = None
    return {key: arrivals[key] for key, incident_id in repeated.items() if incident_id not in told}


async def _decide_and_store(
    session: AsyncSession, arrivals: _Arrivals, now: datetime
) -> dict[Identity, list[StoredFiring]]:
    """Gives every arrival its receipt and its row. Answers what was stored of each alert before."""
    known: dict[Identity, list[StoredFiring]] = {}
    if not arrivals:
        return known
    pending = arrivals
    for _ in range(_TRIES):
        known |= await statements.lock_known(session, pending, now - rules.LATE_WITHIN)
        fresh: _Arrivals = {}
        for key, arrival in pending.items():
            rows = known.get(key.identity, [])
            arrival.receipt = rules.receipt(arrival.alert.status, key.starts_at, [r.known for r in rows], now)
            arrival.row = next((row for row in rows if row.known.starts_at == key.starts_at), None)
            if arrival.row is None:
                fresh[key] = arrival
        stored = await statements.insert(session, [_new(k, a) for k, a in fresh.items()], now) if fresh else {}
        for key, row_id in stored.items():
            arrival = fresh.pop(key)
            firing = rules.KnownFiring(key.starts_at, arrival.receipt.status, now)
            arrival.row, arrival.uncounted = StoredFiring(row_id, None, firing), 0
        if not fresh:
            return known
        # Another transaction stored these meanwhile: they are known the next time round.
        pending = fresh
    raise Conflict("The same alerts keep arriving elsewhere; send them again.")


def _new(key: Key, arrival: _Arrival) -> NewFiring:
    batch = arrival.delivery.batch
    return NewFiring(
        key=key,
        alert=arrival.alert,
        status=arrival.receipt.status,
        receipts=arrival.uncounted,
        integration_id=arrival.delivery.sender.id,
        external_url=batch.external_url,
        group_key=batch.group_key,
        receiver=batch.receiver,
    )


async def _tell_incidents(session: AsyncSession, arrivals: _Arrivals, outcomes: _Outcomes, now: datetime) -> None:
    troubles = [arrival for arrival in arrivals.values() if arrival.receipt.is_trouble]
    told = [(arrival, position) for arrival in troubles for position in arrival.positions]
    if not told:
        return
    seen: list[Observation] = []
    for arrival in troubles:
        observation = _observation(arrival, now)
        seen += [observation, *[replace(observation, is_new=False)] * (len(arrival.positions) - 1)]
    for (arrival, position), observed in zip(told, await intake.observe_many(session, seen, now), strict=True):
        arrival.incident_id = observed.incident_id
        outcome = outcomes[position]
        (outcome.opened if observed.outcome == "opened" else outcome.merged)[observed.incident_id] = None


def _observation(arrival: _Arrival, now: datetime) -> Observation:
    alert, sender = arrival.alert, arrival.delivery.sender
    subject = subject_of(alert.labels)
    return Observation(
        team_id=sender.team_id,
        title=rules.title(alert.name, alert.annotations, subject.target),
        target=subject.target,
        severity=rules.severity(alert.labels),
        source_type=subject.source_type,
        fingerprint=alert.fingerprint,
        started_at=rules.began(alert.starts_at, now),
        actor=sender.actor,
        container_runtime=subject.container_runtime,
        server_name=subject.server_name,
        namespace=subject.namespace,
        description=rules.description(alert.annotations),
        labels=alert.labels,
        owner=subject.owner,
        depends_on=subject.depends_on,
        joins=subject.is_specific,
        is_new=arrival.receipt.reason != "still_firing",
    )


def _over(
    arrivals: _Arrivals, known: Mapping[Identity, list[StoredFiring]]
) -> dict[uuid.UUID, tuple[StoredFiring, _Arrival]]:
    """The firing rows that resolved arrivals end, each with the arrival that ends it."""
    stored = {identity: {row.id: row for row in rows} for identity, rows in known.items()}
    for key, arrival in arrivals.items():
        if arrival.row is not None and arrival.receipt.is_trouble:
            firing = replace(arrival.row.known, status="firing")
            row = replace(arrival.row, known=firing, incident_id=arrival.incident_id)
            stored.setdefault(key.identity, {})[row.id] = row
    return {
        row.id: (row, arrival)
        for key, arrival in arrivals.items()
        if arrival.alert.status == "resolved"
        for row in stored.get(key.identity, {}).values()
        if rules.is_over(row.known, key.starts_at, arrival.alert.ends_at)
    }


def _changes(
    arrivals: _Arrivals, over: Mapping[uuid.UUID, tuple[StoredFiring, _Arrival]], now: datetime
) -> list[Change]:
    changes: dict[uuid.UUID, Change] = {}
    for arrival in arrivals.values():
        if arrival.row is None or (arrival.uncounted == 0 and arrival.incident_id is None):
            continue  # Just stored, as it is.
        receipt = arrival.receipt
        changes[arrival.row.id] = Change(
            row_id=arrival.row.id,
            status=receipt.status,
            ends_at=(arrival.alert.ends_at or now) if receipt.status == "resolved" else None,
            receipts=arrival.uncounted,
            incident_id=arrival.incident_id,
            is_news=receipt.reason not in ("late_copy", "recovered_already"),
        )
    for row_id, (_, ending) in over.items():
        own = changes.get(row_id) or Change(row_id, "resolved", None, 0, None, is_news=True)
        changes[row_id] = replace(own, status="resolved", ends_at=ending.alert.ends_at or now, is_news=True)
    return list(changes.values())


async def _recover(
    session: AsyncSession,
    over: Mapping[uuid.UUID, tuple[StoredFiring, _Arrival]],
    outcomes: _Outcomes,
    now: datetime,
) -> None:
    """Resolves the incidents of which nothing fires any more. Locked first: an alert may be joining one right now."""
    ended: dict[uuid.UUID, list[_Arrival]] = {}
    for row, arrival in over.values():
        if row.incident_id is not None:
            ended.setdefault(row.incident_id, []).append(arrival)
    locked = await recovery.lock_many(session, list(ended))
    firing = await recovery.still_firing(session, list(ended))
    by_sender: dict[Sender, list[Row[Any]]] = {}
    for row in locked:
        if row.id not in firing:
            by_sender.setdefault(ended[row.id][0].delivery.sender, []).append(row)
    for sender, rows in by_sender.items():
        for incident_id in await recovery.recover_many(session, rows, sender.actor, now, message=_RECOVERED):
            for position in (p for arrival in ended[incident_id] for p in arrival.positions):
                outcomes[position].resolved[incident_id] = None

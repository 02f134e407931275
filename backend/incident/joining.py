"""Finds the open incident that new trouble belongs to: by its fingerprint, or because the two are akin."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.incident.kinship import (
    DEPLOYED_WITHIN,
    QUIET_WITHIN,
    Dependency,
    Deploy,
    Kinship,
    Subject,
    kinship,
    names,
    within_namespace,
)
from backend.incident.rules import Severity, Status
from backend.incident.service import Observation

Key = tuple[uuid.UUID, str]
_Name = tuple[uuid.UUID, str]

_KNOWN = text(
    """
    with k as (select * from unnest(cast(:teams as uuid[]), cast(:fingerprints as text[])) as k (team_id, fingerprint)),
    found as (
        select k.fingerprint as wanted, i.id from k
        join public.incidents i on i.team_id = k.team_id and i.fingerprint = k.fingerprint
        where i.fingerprint is not null and i.status not in ('resolved', 'failed')
        union
        select k.fingerprint, j.incident_id from k
        join public.incident_joins j on j.team_id = k.team_id and j.fingerprint = k.fingerprint)
    select i.id, i.team_id, i.status, i.severity, i.firing, i.target, i.source_type, i.container_runtime, i.namespace,
        i.server_name, i.owner, i.started_at, f.wanted, i.fingerprint is not distinct from f.wanted as is_own
    from found f join public.incidents i on i.id = f.id
    where i.status not in ('resolved', 'failed')
    order by i.team_id, i.fingerprint, i.id for update of i
    """
)
_NEAR = text(
    """
    with w as (select * from unnest(cast(:teams as uuid[]), cast(:names as text[])) as w (team_id, name)),
    near as (
        select i.id, i.id as about from w join public.incidents i on i.team_id = w.team_id and i.target = w.name
        where i.status not in ('resolved', 'failed')
        union
        select i.id, i.id from w join public.incidents i on i.team_id = w.team_id and i.owner = w.name
        where i.owner is not null and i.status not in ('resolved', 'failed')
        union
        select m.merged_into, m.id from w join public.incidents m on m.team_id = w.team_id and m.target = w.name
        where m.merged_into is not null
        union
        select m.merged_into, m.id from w join public.incidents m on m.team_id = w.team_id and m.owner = w.name
        where m.owner is not null and m.merged_into is not null)
    select i.id, i.team_id, i.status, i.severity, i.firing, a.target, a.source_type, a.container_runtime, a.namespace,
        a.server_name, a.owner, i.started_at, a.id = i.id as is_own
    from near n join public.incidents i on i.id = n.id join public.incidents a on a.id = n.about
    where i.status not in ('resolved', 'failed') and (i.firing or i.last_seen_at > :quiet)
    order by i.team_id, i.fingerprint, i.id, a.id for update of i
    """
)
_DEPENDENCIES = text(
    """
    with n as (select * from unnest(cast(:teams as uuid[]), cast(:names as text[])) as n (team_id, name))
    select d.team_id, d.target, d.depends_on, d.origin from n
    join public.dependencies d on d.team_id = n.team_id and d.target = n.name
    union
    select d.team_id, d.target, d.depends_on, d.origin from n
    join public.dependencies d on d.team_id = n.team_id and d.depends_on = n.name
    order by 1, 2, 3
    """
)
_DEPLOYS = text(
    """
    with n as (select * from unnest(cast(:teams as uuid[]), cast(:names as text[])) as n (team_id, name)),
    refs as (
        select distinct c.team_id, c.ref from n
        join public.changes c on c.team_id = n.team_id and c.target = n.name
        where c.ref is not null and c.at between :since and :now)
    select c.team_id, c.ref, array_agg(distinct c.target) as targets from refs r
    join public.changes c on c.team_id = r.team_id and c.ref = r.ref
    where c.at between :since and :now
    group by 1, 2 order by 1, 2
    """
)


@dataclass
class Open:
    """An active incident while observations are folded into it.

    `about`: what it is about itself, as far as that was asked for; `merged`: what those are about that it took over.
    """

    id: uuid.UUID
    team_id: uuid.UUID
    status: Status
    severity: Severity
    firing: bool
    about: Sequence[Subject]
    started_at: datetime
    repeats: int = 0
    merged: Sequence[Subject] = ()


class Surroundings:
    """The incidents near new trouble and what ties one target to another, by name: a delivery may hold thousands."""

    def __init__(
        self, dependencies: Iterable[Row[Any]] = (), deploys: Mapping[uuid.UUID, Sequence[Deploy]] | None = None
    ) -> None:
        self._named: dict[_Name, list[Open]] = {}
        self._needs: dict[_Name, list[Dependency]] = {}
        self._deploys: dict[_Name, list[Deploy]] = {}
        for row in dependencies:
            for name in (row.target, row.depends_on):
                need = Dependency(row.target, row.depends_on, row.origin)
                self._needs.setdefault((row.team_id, name), []).append(need)
        for team_id, found in (deploys or {}).items():
            for deploy in found:
                for name in deploy.targets:
                    self._deploys.setdefault((team_id, name), []).append(deploy)

    def add(self, incident: Open) -> None:
        """One more that trouble may belong to."""
        for name in {name for subject in (*incident.about, *incident.merged) for name in names(subject)}:
            self._named.setdefault((incident.team_id, name), []).append(incident)

    def akin(self, seen: Observation) -> tuple[Open, Kinship] | None:
        """The oldest incident that the trouble belongs to, with the reason; failing that, one that took such over."""
        team_id, own = seen.team_id, names(seen.subject)
        needs = [need for name in own for need in self._needs.get((team_id, name), ())]
        deploys = [deploy for name in own for deploy in self._deploys.get((team_id, name), ())]
        asked = {*_near(seen)}.union(*((need.target, need.depends_on) for need in needs), *(d.targets for d in deploys))
        near = {one.id: one for name in sorted(asked) for one in self._named.get((team_id, name), ())}
        ordered = sorted(near.values(), key=lambda incident: incident.started_at)
        itself = [(incident, subject) for incident in ordered for subject in incident.about]
        taken_over = [(incident, subject) for incident in ordered for subject in incident.merged]
        for incident, subject in (*itself, *taken_over):
            why = kinship(seen.subject, subject, needs, deploys)
            if why is not None:
                return incident, why
        return None


async def lock_known(session: AsyncSession, keys: Sequence[Key]) -> dict[Key, Open]:
    """The active incidents of these fingerprints, whether they were opened or joined by them; locked in one order."""
    rows = await session.execute(
        _KNOWN, {"teams": [team for team, _ in keys], "fingerprints": [fingerprint for _, fingerprint in keys]}
    )
    incidents: dict[uuid.UUID, Open] = {}
    found: dict[Key, Open] = {}
    for row in rows:
        incident = incidents.setdefault(row.id, _open(row))
        # One that was reopened still knows what joined it then, and has an incident of its own by now.
        if row.is_own:
            found[row.team_id, row.wanted] = incident
        found.setdefault((row.team_id, row.wanted), incident)
    return found


def _open(row: Row[Any]) -> Open:
    return Open(row.id, row.team_id, row.status, row.severity, row.firing, (_subject(row),), row.started_at)


def _subject(row: Row[Any]) -> Subject:
    return Subject(row.target, row.source_type, row.container_runtime, row.namespace, row.server_name, row.owner)


async def lock_surroundings(session: AsyncSession, seen: Sequence[Observation], now: datetime) -> Surroundings:
    """The active incidents that these observations could belong to, locked, with what ties targets together."""
    places = [one for one in seen if one.joins]
    if not places:
        return Surroundings()
    dependencies = await _dependencies(session, places)
    deploys = await _deploys(session, places, now)
    near_by = {(one.team_id, name) for one in places for name in _near(one)}
    tied = {(team, name) for team, found in deploys.items() for deploy in found for name in deploy.targets}
    tied |= {(row.team_id, name) for row in dependencies for name in (row.target, row.depends_on)}
    wanted = sorted(near_by | {(team, name) for team, full in tied for name in (full, within_namespace(full))})
    rows = await session.execute(
        _NEAR,
        {"teams": [team for team, _ in wanted], "names": [name for _, name in wanted], "quiet": now - QUIET_WITHIN},
    )
    near = Surroundings(dependencies, deploys)
    for incident in _with_merged(rows):
        near.add(incident)
    return near


def _with_merged(rows: Iterable[Row[Any]]) -> Iterable[Open]:
    """One incident for all the rows that tell what it is about, itself or by what it took over."""
    found: dict[uuid.UUID, Open] = {}
    for row in rows:
        one = _open(row)
        if not row.is_own:
            one.about, one.merged = (), one.about
        incident = found.setdefault(row.id, one)
        if incident is not one:
            incident.about, incident.merged = (*incident.about, *one.about), (*incident.merged, *one.merged)
    return found.values()


def _near(seen: Observation) -> set[str]:
    return {seen.target, *seen.depends_on, *filter(None, (seen.owner, seen.server_name))}


def _own_names(seen: Sequence[Observation]) -> tuple[list[uuid.UUID], list[str]]:
    pairs = sorted({(one.team_id, name) for one in seen for name in names(one.subject)})
    return [team for team, _ in pairs], [name for _, name in pairs]


async def _dependencies(session: AsyncSession, seen: Sequence[Observation]) -> Sequence[Row[Any]]:
    teams, own = _own_names(seen)
    rows = await session.execute(_DEPENDENCIES, {"teams": teams, "names": own})
    return rows.all()


async def _deploys(session: AsyncSession, seen: Sequence[Observation], now: datetime) -> dict[uuid.UUID, list[Deploy]]:
    """What changed the targets of these observations a short while ago, with everything else it changed."""
    teams, own = _own_names(seen)
    asked = {"teams": teams, "names": own, "since": now - DEPLOYED_WITHIN, "now": now}
    rows = await session.execute(_DEPLOYS, asked)
    found: dict[uuid.UUID, list[Deploy]] = {}
    for row in rows:
        found.setdefault(row.team_id, []).append(Deploy(row.ref, frozenset(row.targets)))
    return found


async def remember(session: AsyncSession, joined: Sequence[tuple[Open, Observation, Kinship]], now: datetime) -> None:
    """Keeps which trouble was joined to which incident and why: it is found by its fingerprint from now on."""
    if not joined:
        return
    await session.execute(
        text(
            "insert into public.incident_joins (incident_id, team_id, fingerprint, kind, reason, joined_at)"
            " select t.*, :now from unnest(cast(:ids as uuid[]), cast(:teams as uuid[]), cast(:fingerprints as text[]),"
            " cast(:kinds as text[]), cast(:reasons as text[])) as t order by 1, 3 on conflict do nothing"
        ),
        {
            "now": now,
            "ids": [incident.id for incident, _, _ in joined],
            "teams": [seen.team_id for _, seen, _ in joined],
            "fingerprints": [seen.fingerprint for _, seen, _ in joined],
            "kinds": [why.kind for _, _, why in joined],
            "reasons": [why.reason for _, _, why in joined],
        },
    )


async def learn_dependencies(session: AsyncSession, seen: Sequence[Observation]) -> None:
    """Keeps what observations say that their targets need."""
    pairs = sorted({(one.team_id, one.target, need) for one in seen for need in one.depends_on if need != one.target})
    if not pairs:
        return
    await session.execute(
        text(
            "insert into public.dependencies (team_id, target, depends_on, origin)"
            " select t.*, 'declared' from unnest(cast(:teams as uuid[]), cast(:targets as text[]),"
            " cast(:needs as text[])) as t on conflict do nothing"
        ),
        {
            "teams": [team for team, _, _ in pairs],
            "targets": [target for _, target, _ in pairs],
            "needs": [need for _, _, need in pairs],
        },
    )


async def saw_dependency(
    session: AsyncSession, team_id: uuid.UUID, target: str, depends_on: str, incident_id: uuid.UUID
) -> None:
    """Keeps what an investigation found a target to need. What somebody declared stays as it is."""
    if target == depends_on:
        return
    await session.execute(
        text(
            "insert into public.dependencies (team_id, target, depends_on, origin, incident_id)"
            " values (:team, :target, :needs, 'seen', :incident) on conflict do nothing"
        ),
        {"team": team_id, "target": target, "needs": depends_on, "incident": incident_id},
    )

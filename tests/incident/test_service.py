"""The kernel on a real database: one incident per trouble, a complete timeline, nothing done behind its back."""

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.actor import AGENT, SYSTEM, Actor
from backend.deps import Deps
from backend.errors import NotFound
from backend.incident import intake, service
from backend.incident.model import Incident, IncidentEvent
from backend.incident.service import Observation, VerbRefused

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SOURCE = Actor("source", "alertmanager")
ALICE = Actor("person", "alice@example.org", uuid.uuid4())


async def team_of(session: AsyncSession) -> uuid.UUID:
    return (await session.execute(text("select id from teams where slug = 'default'"))).scalar_one()


def trouble(team_id: uuid.UUID, **changes: object) -> Observation:
    seen = Observation(
        team_id=team_id,
        title="checkout is down",
        target="checkout",
        severity="high",
        source_type="container",
        container_runtime="docker",
        fingerprint="f00",
        started_at=NOW,
        actor=SOURCE,
        labels={"alertname": "Down"},
    )
    return replace(seen, **changes)


async def events(session: AsyncSession, incident_id: uuid.UUID) -> list[IncidentEvent]:
    query = select(IncidentEvent).where(IncidentEvent.incident_id == incident_id).order_by(IncidentEvent.seq)
    return list((await session.execute(query)).scalars())


async def queued(session: AsyncSession, task: str) -> int:
    query = text("select count(*) from jobs.procrastinate_jobs where task_name = :task")
    return (await session.execute(query, {"task": task})).scalar_one()


async def test_the_first_observation_opens_numbers_and_asks_for_an_investigation(session: AsyncSession):
    seen = await intake.observe(session, trouble(await team_of(session)), NOW)

    incident = await service.lock(session, seen.incident_id)
    assert seen.outcome == "opened"
    assert (incident.status, incident.number, incident.occurrences) == ("detected", 1, 1)
    assert [e.verb for e in await events(session, incident.id)] == ["detect"]
    assert await queued(session, "investigate") == 1


async def test_a_repeat_is_merged_counted_and_raises_severity(session: AsyncSession):
    team = await team_of(session)
    first = await intake.observe(session, trouble(team), NOW)
    again = await intake.observe(session, trouble(team, severity="critical"), NOW + timedelta(minutes=1))

    incident = await service.lock(session, first.incident_id)
    assert (again.incident_id, again.outcome) == (first.incident_id, "merged")
    assert (incident.occurrences, incident.severity) == (2, "critical")
    assert "raised from high to critical" in (await events(session, incident.id))[-1].message
    assert await queued(session, "investigate") == 1


async def test_a_known_repetition_is_counted_without_a_line(session: AsyncSession):
    team = await team_of(session)
    first = await intake.observe(session, trouble(team), NOW)
    await intake.observe(session, trouble(team, is_new=False), NOW)

    assert (await service.lock(session, first.incident_id)).occurrences == 2
    assert len(await events(session, first.incident_id)) == 1


async def test_after_resolution_the_same_trouble_opens_a_new_incident(session: AsyncSession):
    team = await team_of(session)
    first = await intake.observe(session, trouble(team), NOW)
    assert await service.recover(session, first.incident_id, SOURCE, NOW, message="All alerts resolved.") is None

    second = await intake.observe(session, trouble(team), NOW)
    assert second.outcome == "opened"
    assert second.incident_id != first.incident_id
    assert (await service.lock(session, second.incident_id)).number == 2
    assert await queued(session, "write_post_mortem") == 1


async def test_teams_do_not_share_fingerprints(session: AsyncSession):
    mine = await intake.observe(session, trouble(await team_of(session)), NOW)
    other = (await session.execute(text("insert into teams (name, slug) values ('B','b') returning id"))).scalar_one()
    theirs = await intake.observe(session, trouble(other), NOW)

    assert theirs.outcome == "opened"
    assert theirs.incident_id != mine.incident_id


async def test_concurrent_observations_open_exactly_one(deps: Deps):
    async def send() -> service.Observed:
        async with deps.db.transaction() as session:
            return await intake.observe(session, trouble(await team_of(session)), NOW)

    seen = await asyncio.gather(*(send() for _ in range(40)))

    assert [s.outcome for s in seen].count("opened") == 1
    assert len({s.incident_id for s in seen}) == 1
    async with deps.db.transaction() as session:
        assert (await service.lock(session, seen[0].incident_id)).occurrences == 40
        assert await queued(session, "investigate") == 1


async def test_a_rolled_back_observation_leaves_no_job(deps: Deps):
    async def observe_and_fail() -> None:
        async with deps.db.transaction() as session:
            await intake.observe(session, trouble(await team_of(session)), NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await observe_and_fail()
    async with deps.db.transaction() as session:
        assert await queued(session, "investigate") == 0
        assert (await session.execute(select(Incident))).first() is None


async def test_a_refused_verb_changes_nothing(session: AsyncSession):
    seen = await intake.observe(session, trouble(await team_of(session)), NOW)
    incident = await service.lock(session, seen.incident_id)

    with pytest.raises(VerbRefused, match="detected cannot execute"):
        service.apply(session, incident, "execute", SYSTEM, NOW, message="")
    assert incident.status == "detected"
    assert len(await events(session, incident.id)) == 1


async def test_recovery_during_an_action_is_noted_and_leaves_the_decision_to_verification(session: AsyncSession):
    seen = await intake.observe(session, trouble(await team_of(session)), NOW)
    incident = await service.lock(session, seen.incident_id)
    for verb in ("investigate", "conclude", "propose", "execute"):
        service.apply(session, incident, verb, AGENT, NOW, message=verb)

    refusal = await service.recover(session, incident.id, SOURCE, NOW, message="All alerts resolved.")

    assert refusal is not None
    assert (incident.status, incident.firing) == ("executing_solution", False)
    assert (await events(session, incident.id))[-1].verb == "recover"


async def test_what_a_person_does_is_on_the_timeline_by_name(session: AsyncSession):
    seen = await intake.observe(session, trouble(await team_of(session)), NOW)
    await service.command(session, seen.incident_id, "acknowledge", ALICE, NOW, comment="on it")
    await service.command(session, seen.incident_id, "resolve", ALICE, NOW)
    incident = await service.command(session, seen.incident_id, "reopen", ALICE, NOW)

    told = [(e.verb, e.actor, e.status) for e in await events(session, seen.incident_id)]
    assert told[1:] == [
        ("acknowledge", ALICE.name, "detected"),
        ("resolve", ALICE.name, "resolved"),
        ("reopen", ALICE.name, "detected"),
    ]
    assert incident.resolved_at is None
    assert await queued(session, "investigate") == 2


async def test_reopening_is_refused_while_a_twin_is_open(session: AsyncSession):
    team = await team_of(session)
    first = await intake.observe(session, trouble(team), NOW)
    await service.command(session, first.incident_id, "resolve", ALICE, NOW)
    await intake.observe(session, trouble(team), NOW)

    with pytest.raises(VerbRefused, match="open incident already"):
        await service.command(session, first.incident_id, "reopen", ALICE, NOW)


async def test_an_unknown_incident_is_not_found(session: AsyncSession):
    with pytest.raises(NotFound):
        await service.lock(session, uuid.uuid4())


@pytest.mark.parametrize("change", ["update incident_events set message = 'x'", "delete from incident_events"])
async def test_the_timeline_is_append_only(session: AsyncSession, change: str):
    await intake.observe(session, trouble(await team_of(session)), NOW)
    with pytest.raises(DBAPIError, match="append-only"):
        await session.execute(text(change))


async def test_the_timeline_goes_with_its_incident(session: AsyncSession):
    seen = await intake.observe(session, trouble(await team_of(session)), NOW)
    await session.execute(text("delete from incidents where id = :id"), {"id": seen.incident_id})
    assert await events(session, seen.incident_id) == []

"""The kernel for many at once does what the kernel does for one: the same incidents, events and jobs."""

import asyncio
import random
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.actor import Actor
from backend.deps import Deps
from backend.incident import intake, recovery, rules, service
from backend.incident.model import Incident, IncidentEvent
from backend.incident.rules import Severity
from backend.incident.service import Observation, Observed

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
SOURCE = Actor("source", "alertmanager", uuid.uuid4())
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")


async def team(session: AsyncSession, slug: str) -> uuid.UUID:
    made = text("insert into teams (name, slug) values (:slug, :slug) returning id")
    return (await session.execute(made, {"slug": slug})).scalar_one()


def observations(team_id: uuid.UUID, seed: int) -> list[Observation]:
    dice = random.Random(seed)  # noqa: S311
    return [
        Observation(
            team_id=team_id,
            title=f"trouble {i}",
            target=f"t{i % 3}",
            severity=dice.choice(SEVERITIES),
            source_type="container",
            container_runtime=dice.choice(("docker", None)),
            fingerprint=f"f{dice.randrange(4)}",
            started_at=NOW,
            actor=SOURCE,
            description=dice.choice((None, "why")),
            labels={"n": str(i)},
            is_new=dice.random() < 0.5,
        )
        for i in range(dice.randrange(1, 12))
    ]


async def picture(session: AsyncSession, team_id: uuid.UUID) -> dict[str, Any]:
    """Everything a team can see of its incidents, without ids."""
    incidents = (
        await session.execute(
            select(Incident)
            .where(Incident.team_id == team_id)
            .order_by(Incident.fingerprint, Incident.number)
            .execution_options(populate_existing=True)
        )
    ).scalars()
    skipped = {"id", "team_id", "number"}
    columns = [column.key for column in Incident.__table__.columns if column.key not in skipped]
    shown: dict[str, Any] = {}
    for incident in incidents:
        events = (
            await session.execute(
                select(IncidentEvent).where(IncidentEvent.incident_id == incident.id).order_by(IncidentEvent.seq)
            )
        ).scalars()
        jobs = await session.execute(
            text(
                "select task_name, queue_name, lock = :id, args - 'incident_id' from jobs.procrastinate_jobs"
                " where args ->> 'incident_id' = :id order by id"
            ),
            {"id": str(incident.id)},
        )
        shown[f"{incident.fingerprint}/{len(shown)}"] = {
            "row": {name: getattr(incident, name) for name in columns},
            "events": [
                (e.verb, e.from_status, e.status, e.actor_kind, e.actor_id, e.actor, e.message, e.data, e.created_at)
                for e in events
            ],
            "jobs": [tuple(job) for job in jobs],
        }
    return shown


@pytest.mark.parametrize("seed", range(12))
async def test_observe_many_agrees_with_observe(session: AsyncSession, seed: int):
    one, many = await team(session, "one"), await team(session, "many")
    first, second = observations(one, seed), observations(one, seed + 1000)
    singly = [await intake.observe(session, seen, NOW) for seen in [*first, *second]]
    together: list[Observed] = []
    for group in (first, second):
        together += await intake.observe_many(session, [replace(seen, team_id=many) for seen in group], NOW)
    assert [o.outcome for o in together] == [o.outcome for o in singly]
    assert await picture(session, many) == await picture(session, one)


@pytest.mark.parametrize("status", rules.STATUSES)
@pytest.mark.parametrize("is_firing", [True, False])
async def test_recover_many_agrees_with_recover(session: AsyncSession, status: str, is_firing: bool):
    pictures: list[Any] = []
    for slug in ("one", "many"):
        team_id = await team(session, slug)
        seen = observations(team_id, 5)[0]
        opened = await intake.observe(session, seen, NOW)
        await session.execute(
            text("update incidents set status = :status, firing = :firing, needs_person = 'x' where id = :id"),
            {"status": status, "firing": is_firing, "id": opened.incident_id},
        )
        session.expire_all()
        if slug == "one":
            refusal = await service.recover(session, opened.incident_id, SOURCE, NOW, message="All is well.")
            resolved = refusal is None
        else:
            locked = await recovery.lock_many(session, [opened.incident_id])
            resolved = bool(await recovery.recover_many(session, locked, SOURCE, NOW, message="All is well."))
        pictures.append((resolved, await picture(session, team_id)))
    assert pictures[0] == pictures[1]


async def test_what_counts_as_closed_in_sql_is_what_the_rules_call_closed():
    assert rules.CLOSED == {"resolved", "failed"}, "intake.py names them in SQL"


@pytest.mark.parametrize("status", rules.STATUSES)
async def test_repeats_are_counted_only_while_the_incident_is_active_and_firing(session: AsyncSession, status: str):
    seen = observations(await team(session, "one"), 5)[0]
    opened = await intake.observe(session, seen, NOW)
    await session.execute(text("update incidents set status = :status"), {"status": status})
    counted = await intake.count_repeats(session, {opened.incident_id: 3}, NOW)
    assert counted == (set() if status in rules.CLOSED else {opened.incident_id})
    await session.execute(text("update incidents set status = 'detected', firing = false"))
    assert await intake.count_repeats(session, {opened.incident_id: 3}, NOW) == set()


async def test_two_processes_opening_the_same_hundred_incidents_open_each_once(deps: Deps):
    async with deps.db.transaction() as session:
        team_id = await team(session, "race")
    seen = [replace(observations(team_id, 5)[0], fingerprint=f"r{i:03}") for i in range(100)]

    async def observe(order: list[Observation]) -> list[Observed]:
        async with deps.db.transaction() as session:
            return await intake.observe_many(session, order, NOW)

    answers = await asyncio.gather(*(observe(list(seen) if i % 2 else list(reversed(seen))) for i in range(4)))
    opened = [o for answer in answers for o in answer if o.outcome == "opened"]
    assert len(opened) == 100
    assert len({o.incident_id for answer in answers for o in answer}) == 100
    async with deps.db.transaction() as session:
        assert (await session.execute(text("select sum(occurrences) from incidents"))).scalar_one() == 400
        assert (await session.execute(text("select count(*) from jobs.procrastinate_jobs"))).scalar_one() == 100

"""New trouble joins the open incident that it belongs to, says why, and recovers with it."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.actor import Actor
from backend.incident import intake, joining
from backend.incident.model import Incident, IncidentEvent
from backend.incident.service import Observation

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
SOURCE = Actor("source", "alertmanager", uuid.uuid4())


@pytest.fixture
async def team(session: AsyncSession) -> uuid.UUID:
    made = text("insert into teams (name, slug) values ('one', 'one') returning id")
    return (await session.execute(made)).scalar_one()


def trouble(team_id: uuid.UUID, fingerprint: str, **changes: Any) -> Observation:
    seen = Observation(
        team_id=team_id,
        title=f"{fingerprint} fires",
        target="shop-web-1",
        severity="high",
        source_type="container",
        container_runtime="docker",
        fingerprint=fingerprint,
        started_at=NOW,
        actor=SOURCE,
        owner="shop/web",
        joins=True,
    )
    return replace(seen, **changes)


async def lines(session: AsyncSession, incident_id: uuid.UUID) -> list[tuple[str, str]]:
    query = select(IncidentEvent).where(IncidentEvent.incident_id == incident_id).order_by(IncidentEvent.seq)
    return [(event.verb, event.message) for event in (await session.execute(query)).scalars()]


async def count(session: AsyncSession) -> int:
    return (await session.execute(text("select count(*) from incidents"))).scalar_one()


async def test_another_alert_about_the_same_target_joins_with_the_reason(session: AsyncSession, team: uuid.UUID):
    first = await intake.observe(session, trouble(team, "down"), NOW)
    second = await intake.observe(session, trouble(team, "slow", severity="critical"), NOW)
    again = await intake.observe(session, trouble(team, "slow", severity="critical", is_new=False), NOW)
    assert (second.incident_id, second.outcome) == (first.incident_id, "merged")
    assert again.incident_id == first.incident_id
    assert await lines(session, first.incident_id) == [
        ("detect", "down fires"),
        ("join", "slow fires — joined, because it is about shop-web-1, too — severity raised from high to critical"),
    ]
    incident = (await session.execute(select(Incident).execution_options(populate_existing=True))).scalar_one()
    assert (incident.occurrences, incident.severity) == (3, "critical")


async def test_within_one_delivery_the_first_opens_and_the_others_join(session: AsyncSession, team: uuid.UUID):
    seen = [trouble(team, f"f{i}", target=f"shop-web-{i}") for i in (3, 1, 2)]
    answers = await intake.observe_many(session, seen, NOW)
    assert [answer.outcome for answer in answers] == ["opened", "merged", "merged"]
    assert len({answer.incident_id for answer in answers}) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"joins": False},
        {"server_name": "host-2", "owner": None},
        {"target": "shop-db-1", "owner": "shop/db"},
    ],
)
async def test_what_has_nothing_to_do_with_it_opens_its_own(
    session: AsyncSession, team: uuid.UUID, other: dict[str, Any]
):
    await intake.observe(session, trouble(team, "down", server_name="host-1"), NOW)
    assert (await intake.observe(session, trouble(team, "other", **other), NOW)).outcome == "opened"


async def test_another_team_never_joins(session: AsyncSession, team: uuid.UUID):
    made = text("insert into teams (name, slug) values ('two', 'two') returning id")
    theirs = (await session.execute(made)).scalar_one()
    await intake.observe(session, trouble(team, "down"), NOW)
    assert (await intake.observe(session, trouble(theirs, "slow"), NOW)).outcome == "opened"


@pytest.mark.parametrize(
    ("quiet_minutes", "firing", "outcome"), [(29, False, "merged"), (31, False, "opened"), (600, True, "merged")]
)
async def test_an_old_story_is_left_alone(
    session: AsyncSession, team: uuid.UUID, quiet_minutes: int, firing: bool, outcome: str
):
    await intake.observe(session, trouble(team, "down"), NOW)
    await session.execute(text("update incidents set firing = :firing"), {"firing": firing})
    later = NOW + timedelta(minutes=quiet_minutes)
    assert (await intake.observe(session, trouble(team, "slow"), later)).outcome == outcome


async def test_a_declared_need_ties_two_targets_from_then_on(session: AsyncSession, team: uuid.UUID):
    needs = trouble(team, "web", depends_on=frozenset({"shop/db"}))
    first = await intake.observe(session, needs, NOW)
    database = trouble(team, "db", target="shop-db-1", owner="shop/db")
    joined = await intake.observe(session, database, NOW)
    assert joined.incident_id == first.incident_id
    assert (await lines(session, first.incident_id))[-1][1].endswith("shop-web-1 depends on shop/db")


async def test_the_same_deploy_ties_two_targets(session: AsyncSession, team: uuid.UUID):
    for target in ("shop-web-1", "mail"):
        await session.execute(
            text(
                "insert into changes (team_id, kind, target, summary, ref, at, registered_by)"
                " values (:team, 'deploy', :target, 'release', 'v1.2', :at, 'ci')"
            ),
            {"team": team, "target": target, "at": NOW - timedelta(minutes=5)},
        )
    first = await intake.observe(session, trouble(team, "web"), NOW)
    mail = await intake.observe(session, trouble(team, "mail", target="mail", owner=None), NOW)
    assert mail.incident_id == first.incident_id
    late = trouble(team, "later", target="mail", owner=None)
    await session.execute(text("update incidents set status = 'resolved'"))
    await intake.observe(session, trouble(team, "web"), NOW + timedelta(hours=2))
    assert (await intake.observe(session, late, NOW + timedelta(hours=2))).outcome == "opened"


async def test_a_closed_incident_is_not_joined_again(session: AsyncSession, team: uuid.UUID):
    first = await intake.observe(session, trouble(team, "down"), NOW)
    await intake.observe(session, trouble(team, "slow"), NOW)
    await session.execute(text("update incidents set status = 'resolved'"))
    slow = await intake.observe(session, trouble(team, "slow"), NOW)
    assert slow.outcome == "opened"
    assert (
        (await intake.observe(session, trouble(team, "down"), NOW)).incident_id == slow.incident_id != first.incident_id
    )


async def test_a_dependency_that_was_seen_ties_two_targets(session: AsyncSession, team: uuid.UUID):
    first = await intake.observe(session, trouble(team, "web"), NOW)
    for _ in range(2):
        await joining.saw_dependency(session, team, "shop-web-1", "db", first.incident_id)
    database = await intake.observe(session, trouble(team, "db", target="db", owner=None), NOW)
    assert database.incident_id == first.incident_id
    assert (await lines(session, first.incident_id))[-1][1].endswith("shop-web-1 was seen to depend on db")

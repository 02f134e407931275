"""Alerts that belong together share one incident, also when different processes receive them at the same instant."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.actor import Actor
from backend.alert.delivery import Received, Sender
from backend.correlation import regroup
from backend.deps import Deps
from backend.incident.service import VerbRefused
from tests.alert.stage import NOW, firing, send, sender_of, stored
from tests.support.locks import until_somebody_waits

# The pool of a test's process has eight connections.
PROCESSES = 6
ROUNDS = 10
COMPOSE = "container_label_com_docker_compose_"
RITA = Actor("person", "rita", uuid.uuid4())

Labels = dict[str, str]
T = TypeVar("T")


def of_container(name: str, alertname: str = "Down") -> Labels:
    return {"alertname": alertname, "container": name, "severity": "critical"}


def of_service(name: str, number: int, **labels: str) -> Labels:
    compose = {f"{COMPOSE}{label}": value for label, value in {"project": "shop", "service": name, **labels}.items()}
    return {"alertname": "Down", "name": f"shop-{name}-{number}", "image": name, **compose}


# Why two alerts belong together: the labels of both.
AKIN: dict[str, tuple[Labels, Labels]] = {
    "same target": (of_container("web"), of_container("web", "Slow")),
    "same owner": (of_service("web", 1), of_service("web", 2)),
    "one says that it needs the other": (of_service("web", 1, depends_on="db:service_started"), of_service("db", 1)),
    "declared dependency": (of_container("api"), of_container("queue")),
    "same deploy": (of_container("mail"), of_container("chat")),
}


@pytest.fixture
async def sender(deps: Deps) -> Sender:
    """An Alertmanager of a team that has declared a dependency and deployed something."""
    declared = (
        "insert into dependencies (team_id, target, depends_on, origin) values (:team, 'api', 'queue', 'declared')"
    )
    deployed = (
        "insert into changes (team_id, kind, target, summary, ref, at, registered_by)"
        " select :team, 'deploy', t, 'release', 'v1.2', :at, 'ci' from unnest(array['mail', 'chat']) as t"
    )
    async with deps.db.transaction() as session:
        sender = await sender_of(session)
        await session.execute(text(declared), {"team": sender.team_id})
        await session.execute(text(deployed), {"team": sender.team_id, "at": NOW})
    return sender


async def all_at_once(deps: Deps, sender: Sender, deliveries: Sequence[Sequence[dict[str, Any]]]) -> list[Received]:
    """Each delivery in a transaction and on a connection of its own; they go on when all have theirs."""
    barrier = asyncio.Barrier(len(deliveries))

    async def process(alerts: Sequence[dict[str, Any]]) -> Received:
        async with deps.db.transaction() as session:
            await session.connection()
            await barrier.wait()
            return await send(session, sender, *alerts)

    return await asyncio.gather(*(process(alerts) for alerts in deliveries))


async def elsewhere(deps: Deps, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """What another process does meanwhile."""
    async with deps.db.transaction() as session:
        return await work(session)


async def begun(deps: Deps, work: Callable[[AsyncSession], Awaitable[T]]) -> asyncio.Task[T]:
    """What another process does, as soon as it waits for this one."""
    working = asyncio.create_task(elsewhere(deps, work))
    await until_somebody_waits(deps)
    return working


def incidents_of(answers: Sequence[Received]) -> set[uuid.UUID]:
    return {incident_id for answer in answers for incident_id in (*answer.opened, *answer.merged)}


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("why", AKIN)
async def test_what_belongs_to_an_incident_that_is_just_being_opened_joins_it(
    deps: Deps, sender: Sender, why: str, first: int
):
    mine, other = firing("mine", labels=AKIN[why][first]), firing("other", labels=AKIN[why][1 - first])
    async with deps.db.transaction() as session:
        (opened,) = (await send(session, sender, mine)).opened
        joining = await begun(deps, lambda session: send(session, sender, other))
    assert (await joining).merged == [opened]


async def test_alerts_about_one_target_that_arrive_at_once_share_an_incident(deps: Deps, sender: Sender):
    for n in range(ROUNDS):
        labels = of_container(f"web-{n}")
        answers = await all_at_once(deps, sender, [[firing(f"f{n}-{i}", labels=labels)] for i in range(PROCESSES)])
        assert len(incidents_of(answers)) == 1
        assert sum(len(answer.opened) for answer in answers) == 1


async def test_deliveries_that_repeat_what_others_have_news_of_do_not_wait_in_a_circle(deps: Deps, sender: Sender):
    for n in range(ROUNDS):
        names = [f"web-{n}-{i}" for i in range(PROCESSES)]
        known = [firing(f"down {name}", labels=of_container(name)) for name in names]
        await elsewhere(deps, lambda session, known=known: send(session, sender, *known))
        news = [firing(f"slow {name}", labels=of_container(name, "Slow")) for name in names]
        answers = await all_at_once(deps, sender, [[known[i], news[i - 1]] for i in range(PROCESSES)])
        assert [len(answer.merged) for answer in answers] == [2] * PROCESSES


async def test_repetitions_wait_for_nobodys_turn(deps: Deps, sender: Sender):
    known = firing("known", labels=of_container("db"))
    (opened,) = (await elsewhere(deps, lambda session: send(session, sender, known))).opened
    async with deps.db.transaction() as session, asyncio.timeout(10):
        await send(session, sender, firing("news", labels=of_container("web")))
        repeated = await elsewhere(deps, lambda session: send(session, sender, known))
    assert repeated.merged == [opened]


@pytest.mark.parametrize("regrouping", ["merge", "split"])
async def test_more_about_what_is_just_being_regrouped_goes_where_its_kind_goes(
    deps: Deps, sender: Sender, regrouping: str
):
    web, db = firing("a", labels=of_container("web")), firing("b", labels=of_container("db"))
    more = firing("c", labels=of_container("db", "Slow"))
    one, two = (await elsewhere(deps, lambda session: send(session, sender, web, db))).opened
    if regrouping == "split":
        await elsewhere(deps, lambda session: regroup.merge(session, two, one, RITA, NOW, ""))
    async with deps.db.transaction() as session:
        if regrouping == "split":
            leaving = [alert.id for alert in await stored(session) if alert.fingerprint == "b"]
            goes_to = await regroup.split(session, one, leaving, RITA, NOW, "")
        else:
            goes_to = (await regroup.merge(session, two, one, RITA, NOW, "")).id
        joining = await begun(deps, lambda session: send(session, sender, more))
    assert (await joining).merged == [goes_to]


@pytest.mark.parametrize("regrouping", ["merge", "split"])
async def test_who_regroups_waits_for_a_turn_before_holding_an_incident(deps: Deps, sender: Sender, regrouping: str):
    web = [firing(name, labels=of_container("web")) for name in ("a", "b")]
    db = firing("z", labels=of_container("db"))
    one, two = (await elsewhere(deps, lambda session: send(session, sender, *web, db))).opened
    leaving = [a.id for a in await elsewhere(deps, stored) if a.fingerprint == "a"]

    async def regroups(session: AsyncSession) -> None:
        if regrouping == "merge":
            await regroup.merge(session, one, two, RITA, NOW, "")
        else:
            await regroup.split(session, one, leaving, RITA, NOW, "")

    async with deps.db.transaction() as session:
        await send(session, sender, firing("news", labels=of_container("mail")))
        regrouped = await begun(deps, regroups)
        joined = await send(session, sender, firing("more", labels=of_container("web")))
    assert joined.merged == [one]
    with pytest.raises(VerbRefused, match="An alert came in at this moment"):
        await regrouped

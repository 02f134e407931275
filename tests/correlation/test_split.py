"""Splitting where it is awkward: trouble that is open elsewhere, a cause that leaves, an alert that comes meanwhile."""

import asyncio
import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend.actor import Actor
from backend.alert import service
from backend.correlation import regroup
from backend.deps import Deps
from backend.incident.service import VerbRefused
from tests.alert.stage import batch, firing, resolved, sender_of
from tests.correlation.desk import NOW, Desk, SignIn, desk_of
from tests.support.locks import until_somebody_waits

LATER = "2026-01-03T00:00:00Z"
WEB: dict[str, Any] = {"labels": {"alertname": "Down", "container": "web", "severity": "critical"}}
DB: dict[str, Any] = {"labels": {"alertname": "Slow", "container": "db", "severity": "warning"}}


async def alert_of(deps: Deps, fingerprint: str) -> str:
    """The first alert with this fingerprint."""
    async with deps.db.transaction() as session:
        query = text("select id from alerts where fingerprint = :name order by starts_at limit 1")
        return str((await session.execute(query, {"name": fingerprint})).scalar_one())


async def reopened(desk: Desk) -> tuple[uuid.UUID, uuid.UUID]:
    """One that a and b were merged in and that was reopened, and the one that b has opened since."""
    one, two = (await desk.send(firing("a"), firing("b"))).opened
    await desk.post(f"{two}/merge", {"into": str(one)}, 200)
    await desk.send(resolved("a"), resolved("b"))
    (own,) = (await desk.send(*(firing("b", startsAt=LATER) for _ in range(3)))).opened
    await desk.post(f"{one}/reopen", {}, 200)
    return one, own


async def test_nothing_is_named_after_trouble_that_is_open_elsewhere(
    api: httpx.AsyncClient, deps: Deps, sign_in: SignIn
):
    desk = await desk_of(api, deps, sign_in)
    one, _ = await reopened(desk)
    refused = await desk.post(f"{one}/split", {"alert_ids": [await alert_of(deps, "a")]}, 409)
    assert refused["detail"] == "What would stay has an open incident of its own; merge this one into that."


async def test_what_is_open_elsewhere_goes_there_and_is_counted_to_it(
    api: httpx.AsyncClient, deps: Deps, sign_in: SignIn
):
    desk = await desk_of(api, deps, sign_in)
    one, own = await reopened(desk)
    before = (await desk.get(str(own)))["occurrences"]
    gone = await desk.post(f"{one}/split", {"alert_ids": [await alert_of(deps, "b")]}, 201)
    assert (gone["id"], gone["occurrences"]) == (str(own), before + 2)


@pytest.mark.parametrize("leaves", ["a", "b"])
async def test_what_was_said_of_the_cause_goes_where_it_belongs(
    api: httpx.AsyncClient, deps: Deps, sign_in: SignIn, leaves: str
):
    desk = await desk_of(api, deps, sign_in)
    one, two = (await desk.send(firing("a", **WEB), firing("b", **DB))).opened
    await desk.post(f"{two}/merge", {"into": str(one)}, 200)
    said = {"root_cause": "web's image is broken", "category": "bad_deploy"}
    await api.put(f"/api/incidents/{one}/root-cause", json=said, headers=desk.person.headers)
    async with deps.db.transaction() as session:
        await session.execute(text("update incidents set status = 'analyzed' where id = :id"), {"id": one})
    new = await desk.post(f"{one}/split", {"alert_ids": [await alert_of(deps, leaves)]}, 201)
    old = await desk.get(str(one))
    web, db = (new, old) if leaves == "a" else (old, new)
    assert (web["target"], web["root_cause"], web["incident_type"]) == ("web", "web's image is broken", "bad_deploy")
    assert (db["target"], db["root_cause"], db["root_cause_by"], db["severity"]) == ("db", None, None, "medium")
    assert old["status"] == ("investigating" if leaves == "a" else "analyzed")


@pytest.mark.parametrize("regrouping", ["merge", "split"])
async def test_an_alert_that_comes_meanwhile_is_not_left_behind(
    api: httpx.AsyncClient, deps: Deps, sign_in: SignIn, regrouping: str
):
    desk = await desk_of(api, deps, sign_in)
    one, _ = (await desk.send(firing("a", **WEB), firing("x", **DB))).opened
    (other,) = (await desk.send(firing("b", **WEB))).merged
    assert other == one
    person = Actor("person", "rita", uuid.uuid4())
    chosen = [uuid.UUID(await alert_of(deps, "a"))]
    async with deps.db.transaction() as session:
        slug = (await session.execute(text("select slug from teams order by created_at limit 1"))).scalar_one()
        (into,) = (await session.execute(text("select id from incidents where target = 'db'"))).scalars()

    async def regroups() -> None:
        async with deps.db.transaction() as session:
            if regrouping == "merge":
                await regroup.merge(session, one, into, person, NOW, "")
            else:
                await regroup.split(session, one, chosen, person, NOW, "")

    async with deps.db.transaction() as session:
        sender = await sender_of(session, slug)
        await service.receive(session, sender, batch(firing("c", **WEB)), NOW)
        regrouped = asyncio.create_task(regroups())
        await until_somebody_waits(deps)
    with pytest.raises(VerbRefused, match="An alert came in at this moment"):
        await regrouped
    await regroups()
    async with deps.db.transaction() as session:
        query = text(
            "select count(*) from alerts a join incidents i on i.id = a.incident_id where i.status = 'resolved'"
        )
        assert (await session.execute(query)).scalar_one() == 0

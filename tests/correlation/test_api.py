"""What people merge, split and declare, over HTTP and through the webhook's own intake."""

import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend.correlation.rules import Part, may_split
from backend.deps import Deps
from tests.alert.stage import firing, resolved
from tests.correlation.desk import SignIn, desk_of


async def test_merged_incidents_stay_together(api: httpx.AsyncClient, deps: Deps, sign_in: SignIn):
    desk = await desk_of(api, deps, sign_in)
    one, two = (await desk.send(firing("a"), firing("b"))).opened
    into = await desk.post(f"{two}/merge", {"into": str(one), "reason": "one outage"}, 200)
    assert (into["id"], into["occurrences"]) == (str(one), 2)
    ended = await desk.get(str(two))
    assert (ended["status"], ended["merged_into"], ended["firing"]) == ("resolved", str(one), False)
    assert len((await desk.get(f"{one}/alerts"))["items"]) == 2
    assert "rita@example.org merged #2 web is down: one outage" in [
        event["message"] for event in (await desk.get(f"{one}/events"))["items"]
    ]
    # It went on there: an open one without alerts would never be resolved by anything.
    assert ended["verbs"]["reopen"]["allowed"] is False
    assert "merged into another" in (await desk.post(f"{two}/reopen", {}, 409))["detail"]
    again = await desk.send(firing("b", startsAt="2026-01-03T00:00:00Z"))
    assert (again.opened, again.merged) == ([], [one])
    assert (await desk.send(resolved("a"))).resolved == []
    assert (await desk.send(resolved("b"), resolved("b", startsAt="2026-01-03T00:00:00Z"))).resolved == [one]


async def test_more_about_what_was_merged_goes_along_until_it_is_split_off(
    api: httpx.AsyncClient, deps: Deps, sign_in: SignIn
):
    desk = await desk_of(api, deps, sign_in)
    about: dict[str, dict[str, Any]] = {
        name: {"labels": {"alertname": "Down", "container": name}, "startsAt": f"2026-01-0{day}T00:00:00Z"}
        for day, name in ((1, "web"), (2, "db"), (3, "disk"))
    }
    web, db, disk = [(await desk.send(firing(name, **about[name]))).opened[0] for name in about]
    await desk.post(f"{disk}/merge", {"into": str(db)}, 200)
    await desk.post(f"{db}/merge", {"into": str(web)}, 200)
    assert (await desk.get(str(disk)))["merged_into"] == str(web)
    more = await desk.send(firing("db-slow", **about["db"]), firing("disk-full", **about["disk"]))
    assert (more.opened, set(more.merged)) == ([], {web})
    alerts = (await desk.get(f"{web}/alerts"))["items"]
    leaving = [alert["id"] for alert in alerts if alert["target"] == "db"]
    new = await desk.post(f"{web}/split", {"alert_ids": leaving}, 201)
    assert [str(i) for i in (await desk.send(firing("db-gone", **about["db"]))).merged] == [new["id"]]


async def test_what_was_split_off_goes_its_own_way(api: httpx.AsyncClient, deps: Deps, sign_in: SignIn):
    desk = await desk_of(api, deps, sign_in)
    together = {"labels": {"alertname": "Down", "container": "web"}}
    (whole,) = (await desk.send(firing("a", **together), firing("b", **together))).opened
    joins = (await desk.get(f"{whole}/joins"))["items"]
    assert [(join["fingerprint"], join["kind"]) for join in joins] == [("b", "same_target")]
    alerts = (await desk.get(f"{whole}/alerts"))["items"]
    # The one that opened it leaves: the incident goes on with the other.
    by_fingerprint = {await fingerprint_of(deps, alert["id"]): alert["id"] for alert in alerts}
    opened_by = by_fingerprint["a"]
    new = await desk.post(f"{whole}/split", {"alert_ids": [opened_by], "reason": "not the same"}, 201)
    assert (new["status"], new["fingerprint"], new["number"]) == ("detected", "a", 2)
    assert (await desk.get(str(whole)))["fingerprint"] == "b"
    for name, incident_id in (("a", new["id"]), ("b", str(whole))):
        assert [str(i) for i in (await desk.send(firing(name, **together))).merged] == [incident_id]
    assert [str(i) for i in (await desk.send(resolved("a", **together))).resolved] == [new["id"]]
    assert (await desk.get(str(whole)))["status"] == "detected"


async def test_what_is_needed_has_a_name(api: httpx.AsyncClient, deps: Deps, sign_in: SignIn):
    desk = await desk_of(api, deps, sign_in)
    for nameless in ("shop/", "/", "a/b/", "/db", " shop/ "):
        for wrong in ({"target": "web", "depends_on": nameless}, {"target": nameless, "depends_on": "web"}):
            refused = await api.put("/api/dependencies", json=wrong, headers=desk.person.headers)
            assert (refused.status_code, "no slash at either end" in refused.text) == (422, True)
    assert (await api.get("/api/dependencies", headers=desk.person.headers)).json()["items"] == []


async def test_without_what_opened_it_an_incident_is_about_what_stays(
    api: httpx.AsyncClient, deps: Deps, sign_in: SignIn
):
    desk = await desk_of(api, deps, sign_in)
    need = {"target": "web", "depends_on": "db"}
    await api.put("/api/dependencies", json=need, headers=desk.person.headers)
    web = {"labels": {"alertname": "Down", "container": "web"}, "annotations": {"summary": "web is down"}}
    database = {"labels": {"alertname": "Slow", "container": "db"}, "annotations": {"summary": "db is slow"}}
    (whole,) = (await desk.send(firing("a", **web), firing("b", **database))).opened
    alerts = (await desk.get(f"{whole}/alerts"))["items"]
    (opened_by,) = [alert["id"] for alert in alerts if alert["target"] == "web"]
    new = await desk.post(f"{whole}/split", {"alert_ids": [opened_by]}, 201)
    stays = await desk.get(str(whole))
    assert [(i["title"], i["target"], i["occurrences"]) for i in (stays, new)] == [
        ("db is slow", "db", 1),
        ("web is down", "web", 1),
    ]
    await api.delete("/api/dependencies", params=need, headers=desk.person.headers)
    more = await desk.send(firing("c", **web), firing("d", **database))
    assert (more.opened, {str(i) for i in more.merged}) == ([], {new["id"], str(whole)})
    assert [join["fingerprint"] for join in (await desk.get(f"{whole}/joins"))["items"]] == ["d"]


@pytest.mark.parametrize(("recovered", "over"), [("a", 1), ("b", 0)])
async def test_a_part_that_has_recovered_is_over(
    api: httpx.AsyncClient, deps: Deps, sign_in: SignIn, recovered: str, over: int
):
    desk = await desk_of(api, deps, sign_in)
    together = {"labels": {"alertname": "Down", "container": "web"}}
    (whole,) = (await desk.send(firing("a", **together), firing("b", **together))).opened
    await desk.send(resolved(recovered, **together))
    alerts = (await desk.get(f"{whole}/alerts"))["items"]
    leaving = [alert["id"] for alert in alerts if await fingerprint_of(deps, alert["id"]) == "a"]
    new = await desk.post(f"{whole}/split", {"alert_ids": leaving}, 201)
    parts = [await desk.get(str(whole)), new]
    assert [(part["status"], part["firing"]) for part in (parts[over], parts[1 - over])] == [
        ("resolved", False),
        ("detected", True),
    ]


async def test_trouble_that_joined_another_incident_reopens_none(api: httpx.AsyncClient, deps: Deps, sign_in: SignIn):
    desk = await desk_of(api, deps, sign_in)
    together = {"labels": {"alertname": "Down", "container": "web"}}
    (old,) = (await desk.send(firing("b", **together))).opened
    await desk.send(resolved("b", **together))
    again = {**together, "startsAt": "2026-01-03T00:00:00Z"}
    (new,) = (await desk.send(firing("a", **again), firing("b", **again))).opened
    refused = await desk.post(f"{old}/reopen", {}, 409)
    assert refused["detail"] == "The same trouble has an open incident already; work on that one."
    # The other way round: what joined it then has an incident of its own by now, and stays there.
    await desk.send(resolved("a", **again), resolved("b", **again))
    later = {**together, "startsAt": "2026-01-04T00:00:00Z"}
    (own,) = (await desk.send(firing("b", **later))).opened
    await desk.post(f"{new}/reopen", {}, 200)
    assert (await desk.send(firing("b", **{**together, "startsAt": "2026-01-05T00:00:00Z"}))).merged == [own]


async def test_what_a_person_said_goes_along_with_a_merge(api: httpx.AsyncClient, deps: Deps, sign_in: SignIn):
    desk = await desk_of(api, deps, sign_in)
    one, two, three = (await desk.send(firing("a"), firing("b"), firing("c"))).opened
    for incident_id, said in ((two, "the certificate ran out"), (three, "somebody pulled the plug")):
        body = {"root_cause": said, "category": "certificate_expired"}
        put = await api.put(f"/api/incidents/{incident_id}/root-cause", json=body, headers=desk.person.headers)
        assert put.status_code == 200, put.text
    for ended in (two, three):
        await desk.post(f"{ended}/merge", {"into": str(one)}, 200)
    into = await desk.get(str(one))
    assert (into["root_cause"], into["incident_type"]) == ("the certificate ran out", "certificate_expired")
    assert into["root_cause_by"]["who"] == "rita@example.org"
    told = [event["message"] for event in (await desk.get(f"{one}/events"))["items"] if event["verb"] == "correct"]
    assert told == ["rita@example.org said of #2 what the cause was (certificate_expired): the certificate ran out"]


async def fingerprint_of(deps: Deps, alert_id: str) -> str:
    async with deps.db.transaction() as session:
        query = text("select fingerprint from alerts where id = :id")
        return (await session.execute(query, {"id": uuid.UUID(alert_id)})).scalar_one()


async def test_what_cannot_be_regrouped_is_refused_with_the_reason(api: httpx.AsyncClient, deps: Deps, sign_in: SignIn):
    desk = await desk_of(api, deps, sign_in)
    one, two = (await desk.send(firing("a"), firing("b"))).opened
    (alert,) = (await desk.get(f"{one}/alerts"))["items"]
    itself = await desk.post(f"{one}/merge", {"into": str(one)}, 409)
    assert itself["detail"] == "An incident cannot be merged into itself."
    whole = await desk.post(f"{one}/split", {"alert_ids": [alert["id"]]}, 409)
    assert whole["detail"] == "Every alert would leave it. Leave one of another kind behind."
    assert (await desk.post(f"{two}/split", {"alert_ids": [alert["id"]]}, 404))["code"] == "not_found"
    assert (await desk.post(f"{one}/merge", {"into": str(uuid.uuid4())}, 404))["code"] == "not_found"
    async with deps.db.transaction() as session:
        await session.execute(text("update incidents set status = 'executing_solution' where id = :id"), {"id": one})
    assert "on its way for #1" in (await desk.post(f"{one}/merge", {"into": str(two)}, 409))["detail"]


@pytest.mark.parametrize(("has_monitor", "possible"), [(True, True), (False, False)])
def test_what_a_monitor_opened_needs_no_alert(has_monitor: bool, possible: bool):
    part = Part(uuid.uuid4(), 1, "analyzed", has_monitor)
    assert (may_split(part, staying=0) is None) is possible


async def test_declared_dependencies_tie_incidents(api: httpx.AsyncClient, deps: Deps, sign_in: SignIn):
    desk = await desk_of(api, deps, sign_in)
    need = {"target": "web", "depends_on": "db"}
    put = await api.put("/api/dependencies", json=need, headers=desk.person.headers)
    assert (put.status_code, put.json()["origin"], put.json()["created_by"]) == (200, "declared", "rita@example.org")
    web = firing("a", labels={"alertname": "Down", "container": "web"})
    database = firing("b", labels={"alertname": "Slow", "container": "db"})
    first = await desk.send(web)
    assert (await desk.send(database)).merged == first.opened
    listed = (await api.get("/api/dependencies", headers=desk.person.headers)).json()["items"]
    assert [(item["target"], item["depends_on"]) for item in listed] == [("web", "db")]
    gone = [
        (await api.delete("/api/dependencies", params=need, headers=desk.person.headers)).status_code for _ in range(2)
    ]
    assert gone == [204, 404]
    itself = await api.put("/api/dependencies", json={**need, "target": "db"}, headers=desk.person.headers)
    assert (itself.status_code, itself.json()["code"]) == (422, "bad_dependency")

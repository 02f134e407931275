"""All teams: found, suspended, given time; the team and the installation both have it on record."""

from datetime import timedelta

import pytest

from tests.platform.stage import INCIDENT, MONITOR, Stage, said

ROUTES = (
    "GET /api/admin/teams",
    "GET /api/admin/teams/{team}",
    "POST /api/admin/teams/{team}/suspend",
    "POST /api/admin/teams/{team}/unsuspend",
    "PUT /api/admin/teams/{team}/trial",
    "GET /api/admin/impersonations",
    "GET /api/admin/maintenance",
    "PUT /api/admin/maintenance",
    "GET /api/admin/audit",
)
BODIES = {"suspend": {"reason": "unpaid"}, "trial": {"ends_at": None}, "maintenance": {"on": True, "notice": ""}}


async def test_all_of_it_is_for_those_who_run_the_installation(stage: Stage):
    for route in ROUTES:
        body = BODIES.get(route.rpartition("/")[2])
        assert said(await stage.ask(stage.bea, route.format(team=stage.team_id), body)) == (403, "forbidden"), route
    key = {"name": "robot", "scopes": ["team.read"]}
    made = (await stage.ask(stage.bea, "POST /api/api-keys", key)).json()
    refused = await stage.api.get("/api/admin/teams", headers={"X-API-Key": made["key"]})
    assert said(refused) == (403, "person_needed")


async def test_teams_are_listed_found_and_shown(stage: Stage):
    await stage.ask(stage.bea, "POST /api/incidents", INCIDENT)
    first = (await stage.ask(stage.ada, "GET /api/admin/teams?limit=1")).json()
    (shop,) = first["items"]
    assert (shop["slug"], shop["members"], shop["open_incidents"]) == ("shop", 2, 1)
    assert (shop["owner_email"], shop["plan"], shop["limits"]["members"]) == ("bea@example.org", "unlimited", None)
    rest = (await stage.ask(stage.ada, f"GET /api/admin/teams?cursor={first['next_cursor']}")).json()
    assert [team["slug"] for team in rest["items"]] == ["default"]
    assert rest["next_cursor"] is None
    for q, found in (("SHO", ["shop"]), ("bea@", ["shop"]), ("100%", []), ("'; drop table teams", [])):
        answer = await stage.ask(stage.ada, f"GET /api/admin/teams?q={q.replace('%', '%25')}")
        assert [team["slug"] for team in answer.json()["items"]] == found, q
    detail = (await stage.ask(stage.ada, f"GET /api/admin/teams/{stage.team_id}")).json()
    assert {key: detail[key] for key in shop} == shop
    assert [(m["email"], m["role"], m["is_platform_admin"]) for m in detail["members_list"]] == [
        ("bea@example.org", "owner", False),
        ("vic@example.org", "viewer", False),
    ]
    assert said(await stage.ask(stage.ada, "GET /api/admin/teams?cursor=nonsense")) == (422, "bad_cursor")
    assert said(await stage.ask(stage.ada, f"GET /api/admin/teams/{stage.ada.user_id}")) == (404, "not_found")


async def test_a_suspended_team_is_read_by_its_admins_and_changed_by_nobody(stage: Stage):
    path = f"/api/admin/teams/{stage.team_id}"
    assert (await stage.ask(stage.ada, f"POST {path}/suspend", {"reason": " "})).status_code == 422
    suspended = (await stage.ask(stage.ada, f"POST {path}/suspend", {"reason": "unpaid"})).json()
    assert suspended["suspended_reason"] == "unpaid"
    again = (await stage.ask(stage.ada, f"POST {path}/suspend", {"reason": "fraud"})).json()
    assert (again["suspended_at"], again["suspended_reason"]) == (suspended["suspended_at"], "fraud")
    assert said(await stage.ask(stage.bea, "POST /api/monitors", MONITOR)) == (403, "team_suspended")
    assert said(await stage.ask(stage.vic, "GET /api/monitors")) == (403, "team_suspended")
    me = (await stage.ask(stage.bea, "GET /api/me")).json()
    assert (me["team"]["suspended_reason"], me["teams"][0]["suspended"]) == ("fraud", True)
    freed = (await stage.ask(stage.ada, f"POST {path}/unsuspend")).json()
    assert (freed["suspended_at"], freed["suspended_reason"]) == (None, None)
    assert (await stage.ask(stage.vic, "GET /api/monitors")).status_code == 200
    told = [(item["action"], item["actor"]) for item in (await stage.ask(stage.bea, "GET /api/audit")).json()["items"]]
    ours = (await stage.ask(stage.ada, "GET /api/admin/audit?action=team.")).json()["items"]
    expected = [("team.unsuspend", "ada@example.org"), *[("team.suspend", "ada@example.org")] * 2]
    assert [line for line in told if line[0].startswith("team.")] == expected
    assert [(item["action"], item["actor"]) for item in ours] == expected
    assert ours[1]["before"]["suspended_reason"] == "unpaid"
    assert ours[1]["after"]["suspended_reason"] == "fraud"


async def test_a_trial_ends_and_is_extended(stage: Stage):
    path = f"PUT /api/admin/teams/{stage.team_id}/trial"
    now = stage.deps.clock.now()
    assert (await stage.ask(stage.ada, path, {"ends_at": "2030-01-01T00:00:00"})).status_code == 422
    assert (await stage.ask(stage.ada, path, {"ends_at": now.isoformat()})).status_code == 200
    assert said(await stage.ask(stage.bea, "POST /api/monitors", MONITOR)) == (402, "trial_ended")
    assert (await stage.ask(stage.vic, "GET /api/monitors")).status_code == 200
    later = (now + timedelta(days=7)).isoformat()
    assert (await stage.ask(stage.ada, path, {"ends_at": later})).json()["trial_ends_at"] is not None
    assert (await stage.ask(stage.bea, "POST /api/monitors", MONITOR)).status_code == 201
    assert (await stage.ask(stage.ada, path, {"ends_at": None})).json()["trial_ends_at"] is None


async def test_a_team_sees_its_plan_with_what_it_has_and_meets_its_limits(stage: Stage):
    await stage.rows("update teams set plan = 'free' where slug = 'shop' returning 1")
    integration = {"kind": "alertmanager", "name": "am"}
    answers = [said(await stage.ask(stage.bea, "POST /api/integrations", integration)) for _ in range(4)]
    assert answers == [(201, None)] * 3 + [(402, "limit_reached")]
    team = (await stage.ask(stage.vic, "GET /api/team")).json()
    assert team["limits"] == {"members": 5, "monitors": 20, "integrations": 3}
    assert team["usage"] == {"members": 2, "monitors": 0, "integrations": 3}
    me = (await stage.ask(stage.vic, "GET /api/me")).json()
    assert (me["team"]["plan"], me["team"]["trial_ends_at"], me["team"]["suspended_at"]) == ("free", None, None)


@pytest.mark.parametrize(
    "statement", ["delete from audit_logs", "update audit_logs set actor = 'x'", "truncate audit_logs"]
)
async def test_nobody_changes_the_log(stage: Stage, statement: str):
    with pytest.raises(Exception, match="append-only"):
        await stage.rows(statement)

"""Support acts as a member: with a reason, for half an hour, seen by both sides, and not for what is not its to do."""

import uuid
from datetime import datetime

from tests.platform.stage import MONITOR, SignIn, Stage, make_admin, said
from tests.support.clock import MovableClock

HALF_AN_HOUR = 30 * 60


async def test_a_visitor_works_as_the_member_and_both_sides_have_it_on_record(stage: Stage):
    begun = await stage.visit(stage.ada, stage.bea)
    assert begun.status_code == 201
    visit = begun.json()
    assert (visit["team"]["slug"], visit["user"]["email"]) == ("shop", "bea@example.org")
    length = datetime.fromisoformat(visit["expires_at"]) - datetime.fromisoformat(visit["started_at"])
    assert length.total_seconds() == HALF_AN_HOUR
    me = (await stage.ask(stage.ada, "GET /api/me", x_impersonate=visit["id"])).json()
    assert (me["user"]["email"], me["role"], me["team"]["slug"]) == ("bea@example.org", "owner", "shop")
    assert me["impersonation"]["admin_name"] == "ada@example.org"
    assert not any(name.startswith(("platform.", "abuse.")) for name in me["permissions"])
    assert (await stage.ask(stage.ada, "POST /api/monitors", MONITOR, x_impersonate=visit["id"])).status_code == 201
    ended = await stage.ask(stage.ada, f"DELETE /api/admin/impersonations/{visit['id']}", x_impersonate=visit["id"])
    assert ended.status_code == 204
    theirs = (await stage.ask(stage.bea, "GET /api/audit?actor=ada@example.org")).json()["items"]
    assert [(i["action"], i["actor"], i["impersonator"]) for i in theirs] == [
        ("impersonation.end", "ada@example.org", None),
        ("monitor.create", "bea@example.org", "ada@example.org"),
        ("impersonation.begin", "ada@example.org", None),
    ]
    assert theirs[2]["after"]["reason"] == "They asked for help."
    ours = (await stage.ask(stage.ada, "GET /api/admin/audit?actor=ada@example.org")).json()["items"]
    assert [(i["action"], i["team_name"]) for i in ours if not i["action"].startswith("session.")] == [
        ("impersonation.end", None),
        ("monitor.create", "shop"),
        ("impersonation.begin", None),
    ]
    gone = await stage.ask(stage.bea, "DELETE /api/team", {"confirm": "shop"})
    assert gone.status_code == 204
    left = (await stage.ask(stage.ada, "GET /api/admin/audit?action=monitor.create")).json()["items"]
    assert [(i["impersonator"], i["team_name"]) for i in left] == [("ada@example.org", "shop")]


async def test_what_support_never_does(stage: Stage):
    visit = (await stage.visit(stage.ada, stage.bea)).json()["id"]
    nothing, somebody = uuid.uuid4(), str(stage.vic.user_id)
    refusals = {
        f"POST /api/actions/{nothing}/approve": {"digest": "0" * 64},
        f"POST /api/actions/{nothing}/reject": {"reason": "no"},
        "POST /api/api-keys": {"name": "robot", "scopes": ["incident.read"]},
        "POST /api/integrations": {"kind": "alertmanager", "name": "am"},
        "POST /api/runbook-hooks": {"name": "restart", "url": "http://127.0.0.1:9/restart"},
        "DELETE /api/team": {"confirm": "shop"},
        "POST /api/team/transfer": {"user_id": somebody},
        "POST /api/team/leave": None,
        "POST /api/team/invitations": {"email": "mole@example.org", "role": "admin"},
        f"PATCH /api/team/members/{somebody}": {"role": "owner"},
        "PATCH /api/me/profile": {"name": "Mallory"},
        "GET /api/me/sessions": None,
        "POST /api/me/sessions/sign-out-others": None,
        "POST /api/teams": {"name": "Mine", "slug": "mine"},
    }
    for route, body in refusals.items():
        assert said(await stage.ask(stage.ada, route, body, x_impersonate=visit)) == (403, "not_as_visitor"), route


async def test_who_is_visited_why_and_once_at_a_time(stage: Stage, sign_in: SignIn, clock: MovableClock):
    for reason in ("", "help", "  too short ", "x" * 501):
        assert (await stage.visit(stage.ada, stage.bea, reason)).status_code == 422, reason
    body = {"team_id": stage.team_id, "user_id": str(stage.bea.user_id)}
    assert (await stage.ask(stage.ada, "POST /api/admin/impersonations", body)).status_code == 422
    assert said(await stage.visit(stage.ada, stage.ada)) == (404, "not_found")
    assert said(await stage.visit(stage.bea, stage.vic)) == (403, "forbidden")
    boss = await sign_in("boss@example.org", "admin", "shop")
    await make_admin(stage.deps, boss.user_id)
    assert said(await stage.visit(stage.ada, boss)) == (403, "platform_admin")
    visit = (await stage.visit(stage.ada, stage.bea)).json()["id"]
    assert said(await stage.visit(stage.ada, stage.vic)) == (409, "already_visiting")
    while_away = {"team_id": stage.team_id, "user_id": str(stage.vic.user_id), "reason": "They asked for help."}
    twice = await stage.ask(boss, "POST /api/admin/impersonations", while_away, x_impersonate=visit)
    assert said(twice) == (409, "already_visiting")
    clock.advance(minutes=31)
    other = await stage.visit(stage.ada, stage.vic)
    assert other.status_code == 201
    listed = (await stage.ask(stage.ada, "GET /api/admin/impersonations")).json()["items"]
    assert [(i["id"], i["active"], i["ended_at"] is None) for i in listed] == [
        (other.json()["id"], True, True),
        (visit, False, False),
    ]


async def test_a_visit_is_only_its_own_admins_and_only_while_it_lasts(
    stage: Stage, sign_in: SignIn, clock: MovableClock
):
    boss = await sign_in("boss@example.org", "owner", "other")
    await make_admin(stage.deps, boss.user_id)
    visit = (await stage.visit(stage.ada, stage.bea)).json()["id"]

    async def comes_in(who: str) -> tuple[int, str | None]:
        person = {"ada": stage.ada, "boss": boss, "vic": stage.vic}[who]
        return said(await stage.ask(person, "GET /api/monitors", x_impersonate=visit))

    over = (403, "visit_over")
    assert (await comes_in("ada"), await comes_in("boss"), await comes_in("vic")) == ((200, None), over, over)
    for invented in ("", "nonsense", str(uuid.uuid4()), "' or true --"):
        answer = await stage.ask(stage.ada, "GET /api/monitors", x_impersonate=invented)
        assert said(answer) == over, invented
    elsewhere = await stage.ask(stage.ada, "GET /api/team", x_impersonate=visit, x_team="default")
    assert elsewhere.json()["slug"] == "shop"
    await stage.rows(
        "update profiles set is_platform_admin = false where user_id = :id returning 1", id=stage.ada.user_id
    )
    assert await comes_in("ada") == over
    await make_admin(stage.deps, stage.ada.user_id)
    clock.advance(minutes=30)
    assert await comes_in("ada") == over
    second = (await stage.visit(stage.ada, stage.vic)).json()["id"]
    await stage.ask(stage.bea, f"DELETE /api/team/members/{stage.vic.user_id}")
    assert said(await stage.ask(stage.ada, "GET /api/monitors", x_impersonate=second)) == over
    assert (await stage.ask(boss, f"DELETE /api/admin/impersonations/{second}")).status_code == 204
    told = "select count(*) from audit_logs where action = 'impersonation.end'"
    assert await stage.rows(told) == [(2,)]
    assert (await stage.ask(boss, f"DELETE /api/admin/impersonations/{second}")).status_code == 204
    assert await stage.rows(told) == [(2,)]
    assert said(await stage.ask(boss, f"DELETE /api/admin/impersonations/{uuid.uuid4()}")) == (404, "not_found")

"""What has to be there for a request of every operation to succeed: another team, open invitations, proposals.

Team "beta" with Bea is for what must not hit the caller's own team.
"""

import hashlib
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import jwt
from sqlalchemy import text

from backend.deps import Deps
from tests.support import people
from tests.support.people import PASSWORD, SignedIn

Asked = Callable[..., Awaitable[dict[str, Any]]]
DIGEST = "0" * 64
DEPENDENCY = {"target": "web", "depends_on": "db"}
BLOCKED = "203.0.113.9"
ALERT: dict[str, Any] = {
    "version": "4",
    "status": "firing",
    "alerts": [{"status": "firing", "labels": {"alertname": "Down"}, "startsAt": "2026-11-21T03:00:00Z"}],
}
TOKENS = ("token of the caller's invitation", "token of a stranger's invitation")


@dataclass(frozen=True)
class Prop:
    """Ids for the path, a body and a query that succeed once; None: as in the route matrix."""

    ids: dict[str, str] = field(default_factory=dict[str, str])
    body: dict[str, Any] | None = None
    query: dict[str, str] = field(default_factory=dict[str, str])


async def props(api: httpx.AsyncClient, deps: Deps, ids: dict[str, str], caller: SignedIn) -> dict[str, Prop]:
    """By route. `ids`: those of the stage; `caller` owns its team and runs the installation."""

    async def asked(method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = await api.request(method, path, json=body, headers=caller.headers)
        assert answer.is_success, answer.text
        return answer.json()

    bea = await people.join(deps, "bea@example.org", "responder", "beta")
    beta, visit, actions = await _rows(deps, ids["incident_id"], caller, bea)
    incident = {"incident_id": ids["incident_id"]}
    await asked("PUT", f"/api/incidents/{ids['incident_id']}/post-mortem", {"body_md": "# Why", "base_version": 0})
    closed = await asked("POST", "/api/incidents", {"title": "Slow", "target": "blog", "severity": "low"})
    await asked("POST", f"/api/incidents/{closed['id']}/resolve", {})
    over = await asked("POST", "/api/incidents", {"title": "Slow", "target": "wiki", "severity": "low"})
    await asked("POST", f"/api/incidents/{over['id']}/resolve", {})
    webhook = await asked("POST", "/api/integrations", {"kind": "alertmanager", "name": "second"})
    await asked("PUT", "/api/dependencies", DEPENDENCY)
    slow = {"title": "Slow", "severity": "low"}
    merged, into = [await asked("POST", "/api/incidents", slow | {"target": name}) for name in ("cart", "till")]
    joined, alert_ids = await _two_alerts(asked, webhook["token"])
    other = await people.sign_in(api, caller.user_id, caller.email)
    session_id = jwt.decode(other.access_token, options={"verify_signature": False})["session_id"]
    later = (deps.clock.now() + timedelta(days=1)).isoformat()
    team = {"team_id": beta}
    return {
        "PUT /api/incidents/{incident_id}/post-mortem": Prop(incident, {"body_md": "# Because", "base_version": 1}),
        "GET /api/incidents/{incident_id}/scenario.zip": Prop({"incident_id": over["id"]}),
        "POST /api/incidents/{incident_id}/reopen": Prop({"incident_id": closed["id"]}),
        "POST /api/actions/{action_id}/approve": Prop({"action_id": actions[0]}),
        "POST /api/actions/{action_id}/postpone": Prop({"action_id": actions[1]}, {"until": later, "reason": "later"}),
        "POST /api/actions/{action_id}/reject": Prop({"action_id": actions[2]}),
        "POST /api/runbook-hooks": Prop({}, {"name": "second", "url": "http://127.0.0.1:9/second"}),
        "POST /api/team/invitations": Prop({}, {"email": "dan@example.org", "role": "viewer"}),
        "POST /api/team/transfer": Prop({}, {"user_id": ids["user_id"]}),
        "DELETE /api/dependencies": Prop(query=DEPENDENCY),
        "POST /api/incidents/{incident_id}/merge": Prop({"incident_id": merged["id"]}, {"into": into["id"]}),
        "POST /api/incidents/{incident_id}/split": Prop({"incident_id": joined}, {"alert_ids": alert_ids[:1]}),
        "DELETE /api/team": Prop({}, {"confirm": "default"}),
        "GET /api/admin/teams/{team_id}": Prop(team),
        "POST /api/admin/teams/{team_id}/suspend": Prop(team),
        "POST /api/admin/teams/{team_id}/unsuspend": Prop(team),
        "PUT /api/admin/teams/{team_id}/trial": Prop(team),
        "POST /api/admin/impersonations": Prop(
            {}, {"team_id": beta, "user_id": str(bea), "reason": "They asked for help."}
        ),
        "DELETE /api/admin/impersonations/{impersonation_id}": Prop({"impersonation_id": visit}),
        "DELETE /api/me/sessions/{session_id}": Prop({"session_id": session_id}),
        "DELETE /api/abuse/blocked-ips": Prop(query={"ip_address": BLOCKED}),
        "GET /api/invitations/{token}": Prop({"token": TOKENS[0]}),
        "POST /api/invitations/{token}/accept": Prop({"token": TOKENS[0]}),
        "POST /api/invitations/{token}/join": Prop({"token": TOKENS[1]}, {"password": PASSWORD}),
        "POST /webhooks/alertmanager/{token}": Prop({"token": webhook["token"]}, ALERT),
    }


async def _two_alerts(asked: Asked, token: str) -> tuple[str, list[str]]:
    """An incident with two alerts, and their ids."""
    firing = [
        {"status": "firing", "labels": {"alertname": name, "instance": name}, "startsAt": "2026-11-21T03:00:00Z"}
        for name in ("left", "right")
    ]
    opened = (await asked("POST", f"/webhooks/alertmanager/{token}", ALERT | {"alerts": firing}))["opened"]
    for one in opened[1:]:
        await asked("POST", f"/api/incidents/{one}/merge", {"into": opened[0]})
    return opened[0], [item["id"] for item in (await asked("GET", f"/api/incidents/{opened[0]}/alerts"))["items"]]


async def _rows(deps: Deps, incident_id: str, caller: SignedIn, bea: uuid.UUID) -> tuple[str, str, list[str]]:
    """What no request makes: proposals, a blocked address, invitations whose tokens are known, another admin's visit.

    Answers the ids of team "beta", of the visit and of the proposals."""
    actions = [str(uuid.uuid4()) for _ in range(3)]
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        found = await session.execute(text("select id from teams where slug = 'beta'"))
        beta = str(found.scalar_one())
        visit = await session.execute(
            text(
                "insert into impersonations (admin_id, admin_name, team_id, user_id, user_name, reason, started_at,"
                " expires_at) values (:bea, 'Bea', :team, :bea, 'Bea', 'They asked for help.', :now, :until)"
                " returning id"
            ),
            {"bea": bea, "team": beta, "now": now, "until": now + timedelta(minutes=30)},
        )
        for action_id in actions:
            await session.execute(
                text(
                    "with waiting as (insert into incidents (team_id, title, target, severity, status)"
                    " select team_id, 'Down', cast(:id as text), 'high', 'awaiting_approval' from incidents"
                    " where id = :incident returning id, team_id)"
                    " insert into actions (id, team_id, incident_id, kind, params, target, title, risk, status, digest,"
                    " expires_at) select cast(:id as uuid), team_id, id, 'docker.restart_container', '{}', 'shop',"
                    " 'Restart', 'low', 'proposed', :digest, :until from waiting"
                ),
                {"id": action_id, "digest": DIGEST, "incident": incident_id, "until": now + timedelta(hours=1)},
            )
        await session.execute(
            text("insert into blocked_ips (ip_address, reason, blocked_until) values (:ip, 'guessing', :until)"),
            {"ip": BLOCKED, "until": now + timedelta(hours=1)},
        )
        for token, email in zip(TOKENS, (caller.email, "newcomer@example.org"), strict=True):
            await session.execute(
                text(
                    "insert into invitations (team_id, email, role, token_hash, expires_at)"
                    " values (:team, :email, 'viewer', :hash, :until)"
                ),
                {
                    "team": beta,
                    "email": email,
                    "hash": hashlib.sha256(token.encode()).digest(),
                    "until": now + timedelta(days=1),
                },
            )
    return beta, str(visit.scalar_one()), actions

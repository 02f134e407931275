"""Every route of the OpenAPI document, asked by everybody who might: a route without an expectation here fails."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import text

from backend import keys
from backend.access import PERMISSIONS
from backend.deps import Deps
from backend.permissions import GRANTABLE, RANK, Role
from tests.support.clock import MovableClock
from tests.support.people import PASSWORD, SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]
Who = Literal["anybody", "signed in", "viewer", "responder", "admin", "owner", "platform admin"]


@dataclass(frozen=True)
class Route:
    """Who may at least; the scope of an API key ("any key": none is needed, None: no key ever may); a valid body."""

    who: Who
    scope: str | None = None
    body: dict[str, Any] | None = None


ANYBODY = Route("anybody", "any key")
INCIDENT = Route("viewer", "incident.read")
COMMAND = Route("responder", "incident.write", {})
MONITOR = {"name": "shop", "type": "http", "address": "http://127.0.0.1:9/"}
HOOK = {"name": "restart", "url": "http://127.0.0.1:9/restart"}
CAUSE = {"root_cause": "It leaks.", "category": "memory_pressure"}
RUNBOOK = {"title": "Restart the shop", "body_md": "Restart it."}
IMPORT = {"files": [{"path": "shop.md", "content": "# The shop\n\nRestart it.\n"}]}
KEY = {"name": "robot", "scopes": ["incident.read"]}

EXPECTED: dict[str, Route] = {
    "GET /api/admin/audit": Route("platform admin"),
    "GET /api/admin/impersonations": Route("platform admin"),
    "POST /api/admin/impersonations": Route(
        "platform admin", None, {"team_id": "{team_id}", "user_id": "{user_id}", "reason": "They asked for help."}
    ),
    "DELETE /api/admin/impersonations/{impersonation_id}": Route("platform admin"),
    "GET /api/admin/maintenance": Route("platform admin"),
    "PUT /api/admin/maintenance": Route("platform admin", None, {"on": False}),
    "GET /api/admin/teams": Route("platform admin"),
    "GET /api/admin/teams/{team_id}": Route("platform admin"),
    "POST /api/admin/teams/{team_id}/suspend": Route("platform admin", None, {"reason": "unpaid"}),
    "PUT /api/admin/teams/{team_id}/trial": Route("platform admin", None, {"ends_at": None}),
    "POST /api/admin/teams/{team_id}/unsuspend": Route("platform admin"),
    "GET /api/abuse/attempts": Route("platform admin"),
    "GET /api/abuse/blocked-ips": Route("platform admin"),
    "DELETE /api/abuse/blocked-ips": Route("platform admin"),
    "GET /api/actions": INCIDENT,
    "POST /api/actions/{action_id}/approve": Route("responder", None, {"digest": "0" * 64}),
    "POST /api/actions/{action_id}/postpone": Route(
        "responder", None, {"until": "2099-01-01T00:00:00Z", "reason": "later"}
    ),
    "POST /api/actions/{action_id}/reject": Route("responder", None, {"reason": "no"}),
    "GET /api/api-keys": Route("admin", "apikey.read"),
    "POST /api/api-keys": Route("admin", None, KEY),
    "DELETE /api/api-keys/{key_id}": Route("admin"),
    "GET /api/audit": Route("admin", "audit.read"),
    "GET /api/audit.csv": Route("admin", "audit.read"),
    "GET /api/changes": Route("viewer", "change.read"),
    "POST /api/changes": Route(
        "responder", "change.write", {"kind": "deploy", "target": "shop", "summary": "shop 1.2", "key": "shop-1.2"}
    ),
    "GET /api/config": ANYBODY,
    "GET /api/incidents": INCIDENT,
    "POST /api/incidents": Route(
        "responder", "incident.write", {"title": "Down", "target": "shop", "severity": "high"}
    ),
    "GET /api/incidents/{incident_id}": INCIDENT,
    "POST /api/incidents/{incident_id}/acknowledge": COMMAND,
    "GET /api/incidents/{incident_id}/actions": INCIDENT,
    "GET /api/incidents/{incident_id}/alerts": INCIDENT,
    "GET /api/incidents/{incident_id}/joins": INCIDENT,
    "POST /api/incidents/{incident_id}/merge": Route(
        "responder", "incident.write", {"into": "00000000-0000-4000-8000-000000000000"}
    ),
    "POST /api/incidents/{incident_id}/split": Route(
        "responder", "incident.write", {"alert_ids": ["00000000-0000-4000-8000-000000000000"]}
    ),
    "GET /api/storm": INCIDENT,
    "GET /api/dependencies": INCIDENT,
    "PUT /api/dependencies": Route("responder", "incident.write", {"target": "web", "depends_on": "db"}),
    "DELETE /api/dependencies": Route("responder", "incident.write"),
    "GET /api/incidents/{incident_id}/events": INCIDENT,
    "GET /api/incidents/{incident_id}/evidence": INCIDENT,
    "GET /api/incidents/{incident_id}/hypotheses": INCIDENT,
    "POST /api/incidents/{incident_id}/investigate": COMMAND,
    "GET /api/incidents/{incident_id}/investigations": INCIDENT,
    "GET /api/incidents/{incident_id}/investigations/{investigation_id}/steps": INCIDENT,
    "GET /api/incidents/{incident_id}/investigations/{investigation_id}/transcript": INCIDENT,
    "GET /api/incidents/{incident_id}/post-mortem": INCIDENT,
    "PUT /api/incidents/{incident_id}/post-mortem": Route(
        "responder", "postmortem.write", {"body_md": "# What happened", "base_version": 0}
    ),
    "GET /api/incidents/{incident_id}/post-mortem.html": INCIDENT,
    "GET /api/incidents/{incident_id}/post-mortem.md": INCIDENT,
    "POST /api/incidents/{incident_id}/reopen": COMMAND,
    "POST /api/incidents/{incident_id}/resolve": COMMAND,
    "PUT /api/incidents/{incident_id}/root-cause": Route("responder", "incident.write", CAUSE),
    "GET /api/incidents/{incident_id}/scenario.zip": INCIDENT,
    "GET /api/incidents/{incident_id}/runbooks": INCIDENT,
    "GET /api/incidents/{incident_id}/similar": INCIDENT,
    "GET /api/integrations": Route("viewer", "integration.read"),
    "POST /api/integrations": Route("admin", "integration.write", {"kind": "alertmanager", "name": "am"}),
    "POST /api/integrations/{integration_id}/rotate": Route("admin", "integration.write", {}),
    "DELETE /api/integrations/{integration_id}": Route("admin", "integration.write"),
    "GET /api/invitations/{token}": ANYBODY,
    "POST /api/invitations/{token}/accept": Route("signed in"),
    "POST /api/invitations/{token}/join": Route("anybody", "any key", {"password": PASSWORD}),
    "GET /api/me": Route("viewer", "any key"),
    "GET /api/me/profile": Route("signed in"),
    "PATCH /api/me/profile": Route("signed in", None, {"name": "Alice"}),
    "GET /api/me/sessions": Route("signed in"),
    "POST /api/me/sessions/sign-out-others": Route("signed in"),
    "DELETE /api/me/sessions/{session_id}": Route("signed in"),
    "POST /api/me/team": Route("signed in", None, {"team": "{own_team}"}),
    "GET /api/monitors": Route("viewer", "monitor.read"),
    "POST /api/monitors": Route("admin", "monitor.write", MONITOR),
    "GET /api/monitors/types": Route("viewer", "monitor.read"),
    "DELETE /api/monitors/{monitor_id}": Route("admin", "monitor.write"),
    "GET /api/monitors/{monitor_id}": Route("viewer", "monitor.read"),
    "PATCH /api/monitors/{monitor_id}": Route("admin", "monitor.write", {"name": "store"}),
    "GET /api/monitors/{monitor_id}/checks": Route("viewer", "monitor.read"),
    "GET /api/permissions": Route("viewer", "any key"),
    "GET /api/runbook-hooks": Route("viewer", "hook.read"),
    "POST /api/runbook-hooks": Route("admin", "hook.write", HOOK),
    "DELETE /api/runbook-hooks/{hook_id}": Route("admin", "hook.write"),
    "GET /api/runbook-hooks/{hook_id}": Route("viewer", "hook.read"),
    "PATCH /api/runbook-hooks/{hook_id}": Route("admin", "hook.write", {"description": "d"}),
    "GET /api/runbooks": Route("viewer", "runbook.read"),
    "POST /api/runbooks": Route("responder", "runbook.write", RUNBOOK),
    "POST /api/runbooks/import": Route("responder", "runbook.write", IMPORT),
    "DELETE /api/runbooks/{runbook_id}": Route("responder", "runbook.write"),
    "GET /api/runbooks/{runbook_id}": Route("viewer", "runbook.read"),
    "PATCH /api/runbooks/{runbook_id}": Route("responder", "runbook.write", {"base_version": 1, "title": "Other"}),
    "GET /api/secret-patterns": Route("admin", "team.write"),
    "POST /api/secret-patterns": Route("admin", "team.write", {"name": "order", "pattern": "ACME-[0-9]+"}),
    "POST /api/secret-patterns/try": Route("admin", "team.write", {"pattern": "ACME-[0-9]+", "sample": "ACME-1"}),
    "DELETE /api/secret-patterns/{pattern_id}": Route("admin", "team.write"),
    "GET /api/system": Route("viewer", "system.read"),
    "DELETE /api/team": Route("owner", None, {"confirm": "another team"}),
    "GET /api/team": Route("viewer", "team.read"),
    "PATCH /api/team": Route("admin", "team.write", {"name": "Us"}),
    "GET /api/team/invitations": Route("admin", "invitation.read"),
    "POST /api/team/invitations": Route("admin", None, {"email": "dora@example.org", "role": "viewer"}),
    "DELETE /api/team/invitations/{invitation_id}": Route("admin"),
    "POST /api/team/invitations/{invitation_id}/resend": Route("admin"),
    "POST /api/team/leave": Route("viewer"),
    "GET /api/team/members": Route("viewer", "team.read"),
    "DELETE /api/team/members/{user_id}": Route("admin"),
    "PATCH /api/team/members/{user_id}": Route("admin", None, {"role": "viewer"}),
    "POST /api/team/transfer": Route("owner", None, {"user_id": str(uuid.UUID(int=0))}),
    "POST /api/teams": Route("platform admin", None, {"name": "New", "slug": "new"}),
    "GET /api/usage": Route("viewer", "team.read"),
    "PUT /api/usage/cap": Route("admin", "team.write", {"monthly_cap_usd": 5}),
    "GET /healthz": ANYBODY,
    "GET /metrics": ANYBODY,
    "GET /readyz": ANYBODY,
    "POST /webhooks/alertmanager/{token}": ANYBODY,
}


# It changes nothing; its text has no business in an address.
ASKING = {"POST /api/secret-patterns/try"}


@dataclass
class Stage:
    """The API with a team that has one of everything; `ids` go into the paths."""

    api: httpx.AsyncClient
    ids: dict[str, str]
    routes: list[str] = field(default_factory=list)

    async def ask(self, route: str, headers: dict[str, str]) -> httpx.Response:
        method, _, path = route.partition(" ")
        return await self.api.request(
            method, path.format_map(self.ids), headers=headers, json=body_of(EXPECTED.get(route, ANYBODY), self.ids)
        )


def body_of(route: Route, ids: dict[str, str]) -> dict[str, Any] | None:
    """The body, with the ids of the stage in the places that are named after them."""
    if route.body is None:
        return None
    return {name: value.format_map(ids) if isinstance(value, str) else value for name, value in route.body.items()}


@pytest.fixture
async def stage(api: httpx.AsyncClient, sign_in: SignIn, deps: Deps) -> Stage:
    olivia = await sign_in()
    vera = await sign_in("vera@example.org", "viewer")
    ids: dict[str, str] = {"token": "ndi_nobody", "user_id": str(vera.user_id), "own_team": "default"}
    ids |= {"session_id": str(uuid.uuid4()), "impersonation_id": str(uuid.uuid4()), "team_id": str(uuid.uuid4())}

    async def made(name: str, path: str, body: dict[str, Any]) -> None:
        answer = await api.post(path, json=body, headers=olivia.headers)
        assert answer.status_code == 201, answer.text
        ids[name] = answer.json()["id"]

    for name, path in (
        ("incident_id", "/api/incidents"),
        ("monitor_id", "/api/monitors"),
        ("hook_id", "/api/runbook-hooks"),
        ("runbook_id", "/api/runbooks"),
        ("integration_id", "/api/integrations"),
        ("key_id", "/api/api-keys"),
        ("invitation_id", "/api/team/invitations"),
        ("pattern_id", "/api/secret-patterns"),
    ):
        await made(name, path, EXPECTED[f"POST {path}"].body or {})
    ids["action_id"] = str(uuid.uuid4())
    ids["investigation_id"] = str(uuid.uuid4())
    async with deps.db.transaction() as session:
        await session.execute(
            text(
                "insert into actions (id, team_id, incident_id, kind, params, target, title, risk, status, digest,"
                " expires_at) select :id, team_id, id, 'docker.restart_container', '{}', 'shop', 'Restart', 'low',"
                " 'proposed', 'other', now() + interval '1 hour' from incidents where id = :incident"
            ),
            {"id": ids["action_id"], "incident": ids["incident_id"]},
        )
        await session.execute(
            text(
                "insert into investigations (id, team_id, incident_id, round)"
                " select :id, team_id, id, 1 from incidents where id = :incident"
            ),
            {"id": ids["investigation_id"], "incident": ids["incident_id"]},
        )
    paths = (await api.get("/api/openapi.json")).json()["paths"]
    routes = [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]
    # What takes something away comes last.
    return Stage(api, ids, sorted(routes, key=lambda r: (r == "POST /api/team/leave", r.startswith("DELETE"), r)))


async def wrong(stage: Stage, headers: dict[str, str], expected: Callable[[str, Route], str | None]) -> list[str]:
    """The routes that answered something else than `expected`: "401", "403", "404", "in", or None for "not asked"."""
    surprises: list[str] = []
    for route in stage.routes:
        want = expected(route, EXPECTED[route])
        if want is None or (want == "in" and route == "GET /readyz"):
            continue
        status = (await stage.ask(route, headers)).status_code
        let_in = status < 500 and status not in (401, 402, 403)
        if not (let_in if want == "in" else str(status) == want):
            surprises.append(f"{route}: {status}, not {want}")
    return surprises


async def test_every_route_has_an_expectation(stage: Stage):
    assert set(stage.routes) == set(EXPECTED)
    assert {r.scope for r in EXPECTED.values()} - {None, "any key"} <= set(PERMISSIONS)


async def test_nobody(stage: Stage):
    assert await wrong(stage, {}, lambda _, r: "in" if r.who == "anybody" else "401") == []


async def test_an_expired_token(stage: Stage, sign_in: SignIn, clock: MovableClock):
    alice = await sign_in("alice@example.org", "admin")
    clock.advance(hours=2)
    assert await wrong(stage, alice.headers, lambda _, r: None if r.who == "anybody" else "401") == []


async def test_a_token_signed_by_another_key(stage: Stage, sign_in: SignIn):
    alice = await sign_in("alice@example.org", "admin")
    claims = jwt.decode(alice.access_token, options={"verify_signature": False})
    kid = jwt.get_unverified_header(alice.access_token)["kid"]
    forged = jwt.encode(claims, ec.generate_private_key(ec.SECP256R1()), "ES256", headers={"kid": kid})
    headers = {"Authorization": f"Bearer {forged}"}
    assert await wrong(stage, headers, lambda _, r: None if r.who == "anybody" else "401") == []


@pytest.mark.parametrize("role", ["viewer", "responder", "admin", "owner"])
async def test_a_member(stage: Stage, sign_in: SignIn, role: Role):
    member = await sign_in("alice@example.org", role)

    def expected(_: str, route: Route) -> str:
        if route.who in ("anybody", "signed in"):
            return "in"
        if route.who == "platform admin":
            return "403"
        return "in" if RANK[role] >= RANK[cast(Role, route.who)] else "403"

    assert await wrong(stage, member.headers, expected) == []


async def test_a_member_of_another_team(stage: Stage, sign_in: SignIn):
    mallory = await sign_in("mallory@example.org", "owner", "beta")
    stage.ids["own_team"] = "beta"

    def expected(route: str, rule: Route) -> str | None:
        if rule.who in ("anybody", "signed in"):
            return None
        if rule.who == "platform admin":
            return "403"
        if route == "POST /api/team/leave":
            return None
        return "404" if "{" in route else "in"

    assert await wrong(stage, mallory.headers, expected) == []
    everything = [(await stage.ask(r, mallory.headers)).text for r in stage.routes if r.startswith("GET /api/")]
    assert not [
        name for name, value in stage.ids.items() if name != "own_team" and any(value in body for body in everything)
    ]
    for route in stage.routes:
        if EXPECTED[route].who not in ("anybody", "signed in", "platform admin"):
            answer = await stage.ask(route, {**mallory.headers, "X-Team": "default"})
            assert answer.status_code == 403, route


async def test_an_api_key_without_the_scope(stage: Stage, deps: Deps):
    async def key_without(scope: str | None) -> dict[str, str]:
        made = keys.new_key()
        async with deps.db.transaction() as session:
            await session.execute(
                text(
                    "insert into api_keys (team_id, name, key_prefix, key_hash, scopes)"
                    " select id, 'robot', :prefix, :hash, :scopes from teams where slug = 'default'"
                ),
                {"prefix": made.prefix, "hash": made.hashed, "scopes": sorted(GRANTABLE - {scope})},
            )
        return {"X-API-Key": made.key}

    for scope in sorted({r.scope or "" for r in EXPECTED.values()} - {"any key"}):
        headers = await key_without(scope)

        def expected(_: str, route: Route, scope: str = scope) -> str | None:
            return "403" if route.who != "anybody" and (route.scope or "") == scope else None

        assert await wrong(stage, headers, expected) == []
    everything = await key_without(None)

    def let_in(_: str, route: Route) -> str:
        return "in" if route.scope is not None else "403"

    assert await wrong(stage, everything, let_in) == []


async def test_every_change_is_audited(stage: Stage, sign_in: SignIn, deps: Deps):
    olive = await sign_in("olive@example.org", "owner")

    async def told() -> int:
        async with deps.db.transaction() as session:
            return (await session.execute(text("select count(*) from audit_logs"))).scalar_one()

    changed = 0
    for route in stage.routes:
        before = await told()
        answer = await stage.ask(route, olive.headers)
        if not route.startswith("GET ") and route not in ASKING and answer.is_success:
            changed += 1
            assert await told() == before + 1, route
    assert changed >= 8

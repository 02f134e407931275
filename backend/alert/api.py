"""The door for alerts (POST /webhooks/alertmanager/{token}), /api/integrations, and the alerts of an incident."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import orjson
import structlog
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from sqlalchemy import select

from backend import cursor as cursors
from backend.access import Caller, DepsDep, require
from backend.alert import integrations
from backend.alert.formats import alertmanager
from backend.alert.intake import Intake
from backend.alert.model import Alert
from backend.alert.schemas import Alert as AlertJson
from backend.alert.schemas import AlertPage, CreatedIntegration, IntegrationPage, NewIntegration, Received, Rotation
from backend.alert.schemas import Integration as IntegrationJson
from backend.alert.subject import subject_of
from backend.audit.service import Thing, record
from backend.cursor import Cursor, Limit
from backend.deps import Deps
from backend.errors import NotFound, TooLarge
from backend.http import DirectRoute
from backend.incident.model import Incident
from backend.refusals import refusals
from backend.team import service as teams
from backend.team.rules import over_limit

log = structlog.get_logger(__name__)

# The webhook is a router of its own: it is asked before all others, by alerts that come by the thousand.
hook = APIRouter(route_class=DirectRoute)
router = APIRouter()

Reader = Annotated[Caller, Depends(require("integration.read"))]
Writer = Annotated[Caller, Depends(require("integration.write"))]
IncidentReader = Annotated[Caller, Depends(require("incident.read"))]

# A larger body is parsed in a thread, so that the other requests go on meanwhile.
PARSED_ASIDE_BYTES = 200_000


@asynccontextmanager
async def lifespan(app: FastAPI, deps: Deps) -> AsyncGenerator[None]:
    """The intake lives as long as the server does."""
    intake = Intake(deps, alertmanager.SOURCE)
    app.state.alertmanager_intake = intake
    try:
        yield
    finally:
        await intake.close()


@hook.post(
    "/webhooks/alertmanager/{token}",
    tags=["webhooks"],
    status_code=202,
    response_model=Received,
    responses=refusals(
        s400="`malformed_json`: the body is not JSON in UTF-8.",
        s404="`unknown_token`: no integration has this token.",
        s413="`too_large`: the body is larger than NIGHTDESK_WEBHOOK_MAX_BYTES.",
        s422="`invalid_alerts`: not a webhook body of version 4; `problems` says where.",
        s503="`unavailable`: nothing was stored; Alertmanager sends it again.",
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "Alertmanager's webhook body, version 4.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
async def receive_alertmanager(token: str, request: Request) -> Response:
    """Takes alerts. The answer comes when all of them are stored, and their incidents opened, joined or ended."""
    intake: Intake = request.app.state.alertmanager_intake
    token_hash = await intake.admit(token)
    body = await _read(request, intake.max_bytes)
    now = intake.now()
    if len(body) > PARSED_ASIDE_BYTES:
        batch = await asyncio.to_thread(alertmanager.parse, body, now)
    else:
        batch = alertmanager.parse(body, now)
    if batch.notes:
        log.warning("alerts_altered", receiver=batch.receiver, notes=batch.notes[:10])
    received = await intake.submit(token_hash, batch)
    return Response(orjson.dumps(received), 202, media_type="application/json")


async def _read(request: Request, limit: int) -> bytes:
    """The body. Raises TooLarge, after taking what is still on its way, so that the sender reads the answer."""
    declared = request.headers.get("content-length", "")
    too_large = declared.isdigit() and int(declared) > limit
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        too_large = too_large or size > limit
        if too_large and size > 4 * limit:
            break
        if too_large:
            chunks.clear()
        else:
            chunks.append(chunk)
    if too_large:
        raise TooLarge(f"The body is larger than {limit} bytes. Send fewer alerts at once (max_alerts).")
    return b"".join(chunks)


@router.get("/api/integrations", tags=["integrations"])
async def list_integrations(deps: DepsDep, caller: Reader) -> IntegrationPage:
    """Who may send alerts to the team, oldest first."""
    async with deps.db.reading(caller) as session:
        rows = await integrations.list_active(session, caller.team.team_id)
    return IntegrationPage(items=[IntegrationJson.model_validate(row) for row in rows])


@router.post("/api/integrations", tags=["integrations"], status_code=201)
async def create_integration(body: NewIntegration, deps: DepsDep, caller: Writer) -> CreatedIntegration:
    """Makes a webhook address. The token and the address are in this answer only."""
    async with deps.db.transaction() as session:
        now, team_id = deps.clock.now(), caller.team.team_id
        await teams.locked(session, team_id)
        have = len(await integrations.list_active(session, team_id))
        refusal = over_limit(caller.team.plan, "integrations", have)
        if refusal is not None:
            raise refusal
        row, token = await integrations.create(
            session, caller.team.team_id, body.kind, body.name.strip() or body.kind, now
        )
        made = {"kind": row.kind, "name": row.name, "token_prefix": row.token_prefix}
        await record(session, caller, "integration.create", Thing("integration", row.id, row.name), now, after=made)
    shown = IntegrationJson.model_validate(row).model_dump()
    return CreatedIntegration(**shown, token=token, url=f"{deps.settings.url}/webhooks/{row.kind}/{token}")


@router.post(
    "/api/integrations/{integration_id}/rotate",
    tags=["integrations"],
    responses=refusals(s404="`not_found`: there is no such integration in your team."),
)
async def rotate_integration(integration_id: UUID, body: Rotation, deps: DepsDep, caller: Writer) -> CreatedIntegration:
    """Gives it a new token, shown this once. The old one works for `overlap_seconds` more."""
    now, overlap = deps.clock.now(), timedelta(seconds=body.overlap_seconds)
    async with deps.db.transaction() as session:
        row, token = await integrations.rotate(session, caller.team.team_id, integration_id, overlap, now)
        told = {"token_prefix": row.token_prefix, "overlap_seconds": body.overlap_seconds}
        await record(session, caller, "integration.rotate", Thing("integration", row.id, row.name), now, after=told)
    shown = IntegrationJson.model_validate(row).model_dump()
    return CreatedIntegration(**shown, token=token, url=f"{deps.settings.url}/webhooks/{row.kind}/{token}")


@router.delete(
    "/api/integrations/{integration_id}",
    tags=["integrations"],
    status_code=204,
    responses=refusals(s404="`not_found`: there is no such integration in your team."),
)
async def revoke_integration(integration_id: UUID, deps: DepsDep, caller: Writer) -> None:
    """Its token is refused from now on. The alerts it sent stay."""
    async with deps.db.transaction() as session:
        now = deps.clock.now()
        await integrations.revoke(session, caller.team.team_id, integration_id, now)
        await record(session, caller, "integration.revoke", Thing("integration", integration_id), now)


@router.get(
    "/api/incidents/{incident_id}/alerts",
    tags=["incidents"],
    responses=refusals(s404="`not_found`: there is no such incident in your team."),
)
async def list_alerts(
    incident_id: UUID, deps: DepsDep, caller: IncidentReader, cursor: Cursor = None, limit: Limit = 50
) -> AlertPage:
    """The alerts behind the incident, newest firing first."""
    team_id = caller.team.team_id
    query = select(Alert).where(Alert.incident_id == incident_id, Alert.team_id == team_id)
    query = cursors.newest_first(query, Alert.starts_at, Alert.id, cursor, limit)
    async with deps.db.reading(caller) as session:
        there = select(Incident.id).where(Incident.id == incident_id, Incident.team_id == team_id)
        if (await session.execute(there)).scalar_one_or_none() is None:
            raise NotFound()
        found = (await session.scalars(query)).all()
    rows, following = cursors.cut(found, limit, lambda row: (row.starts_at, row.id))
    return AlertPage(items=[_shown(row) for row in rows], next_cursor=following)


def _shown(row: Alert) -> AlertJson:
    own = {name: getattr(row, name) for name in AlertJson.model_fields if name != "target"}
    return AlertJson(**own, target=subject_of(row.labels).target)

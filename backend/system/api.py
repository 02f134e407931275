"""Nightdesk about itself: /api/config, /api/system, /healthz, /readyz, /metrics."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import State

from backend.access import Caller, DepsDep, require
from backend.embedded.auth import keys
from backend.identity import read_maintenance
from backend.system import service
from backend.system.schemas import MaintenanceNotice, PublicConfig, Readiness, System
from backend.version import VERSION

log = structlog.get_logger("system")
router = APIRouter(tags=["system"])


@router.get("/api/config")
async def config(deps: DepsDep) -> PublicConfig:
    """Where and with which public key a client signs in, and whether anything can be changed. Needs no credentials."""
    settings = deps.settings
    async with deps.db.transaction() as session:
        closed = await read_maintenance(session)
        key = settings.supabase_anon_key or "" if settings.supabase_url else await keys.publishable_key(session)
    return PublicConfig(
        supabase_url=settings.supabase_url or settings.url,
        supabase_key=key,
        mode="supabase" if settings.supabase_url else "embedded",
        version=VERSION,
        maintenance=MaintenanceNotice(on=closed.on, notice=closed.notice),
    )


@router.get("/api/system")
async def system(deps: DepsDep, caller: Annotated[Caller, Depends(require("system.read"))]) -> System:
    """Every process of this installation and when it was last seen; what troubles one, for those who run it."""
    async with deps.db.transaction() as session:
        found = await service.components(session, deps.clock.now())
    return System(components=found if caller.is_platform_admin else service.without_details(found))


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(deps: DepsDep, request: Request, response: Response) -> Readiness:
    """The whole product is ready: the database answers and every worker is alive. Else 503 with what is missing."""
    try:
        async with deps.db.transaction() as session:
            missing = service.missing(await service.components(session, deps.clock.now()))
    except (DBAPIError, PoolTimeout, OSError):
        missing = ["the database does not answer"]
    _say_when_it_changes(request.app.state, missing)
    response.status_code = 503 if missing else 200
    return Readiness(ready=not missing, missing=missing)


def _say_when_it_changes(app: State, missing: list[str]) -> None:
    """Whoever watches asks every few seconds: one line for each change, none for each answer."""
    was, app.was_ready = app.was_ready, not missing
    if missing and was is not False:
        # Before the first time everything is only on its way.
        (log.warning if was else log.info)("not_ready", missing=missing)
    elif not missing and was is False:
        log.info("everything_is_ready")


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(deps: DepsDep) -> Response:
    """Prometheus metrics of this process and of what waits in the database."""
    registry = CollectorRegistry()
    incidents = Gauge("nightdesk_incidents", "Incidents by status", ["status"], registry=registry)
    jobs = Gauge("nightdesk_jobs", "Jobs by queue and status", ["queue", "status"], registry=registry)
    up = Gauge("nightdesk_component_up", "1 while a process is alive", ["component", "instance"], registry=registry)
    async with deps.db.transaction() as session:
        waiting = await service.backlog(session)
        for component in await service.components(session, deps.clock.now()):
            up.labels(component.component, component.instance).set(component.alive)
    for status, count in waiting.incidents.items():
        incidents.labels(status).set(count)
    for (queue, status), count in waiting.jobs.items():
        jobs.labels(queue, status).set(count)
    return Response(generate_latest(registry) + generate_latest(), media_type=CONTENT_TYPE_LATEST)

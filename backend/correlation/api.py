"""Merging and splitting incidents, what joined them, and what depends on what."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy import text

from backend.access import Caller, DepsDep, require
from backend.audit.service import Thing, record
from backend.correlation import dependencies, regroup, storm
from backend.correlation.schemas import (
    Dependency,
    DependencyPage,
    Join,
    JoinPage,
    MergeInto,
    NewDependency,
    SplitOff,
    Storm,
)
from backend.incident import reading
from backend.incident.schemas import Incident, Target
from backend.refusals import refusals

router = APIRouter(tags=["incidents"])

Reader = Annotated[Caller, Depends(require("incident.read"))]
Writer = Annotated[Caller, Depends(require("incident.write"))]


NOT_FOUND = refusals(s404="`not_found`: there is no such incident in your team.")
REFUSED = NOT_FOUND | refusals(
    s403="`forbidden`: your role may not do this.",
    s409="`verb_refused`: this cannot be done to the incident as it is now; `detail` says why.",
)


@router.post("/api/incidents/{incident_id}/merge", responses=REFUSED)
async def merge_incident(incident_id: UUID, body: MergeInto, deps: DepsDep, caller: Writer) -> Incident:
    """Ends the incident in favour of another one, which takes its alerts. Answers the one that goes on."""
    now = deps.clock.now()
    async with deps.db.reading(caller) as session:
        ended = await reading.find(session, caller.team.team_id, incident_id)
        await reading.find(session, caller.team.team_id, body.into)
    async with deps.db.transaction() as session:
        into = await regroup.merge(session, incident_id, body.into, caller.actor, now, body.reason)
        told = {"into": into.number, "reason": body.reason}
        await record(session, caller, "incident.merge", Thing("incident", incident_id, ended.title), now, after=told)
    return await _shown(deps, caller, body.into)


@router.post("/api/incidents/{incident_id}/split", status_code=201, responses=REFUSED)
async def split_incident(incident_id: UUID, body: SplitOff, deps: DepsDep, caller: Writer) -> Incident:
    """Opens an incident of their own for some of the alerts, or gives them to the open one that has their trouble.

    Answers the one that they went to.
    """
    now = deps.clock.now()
    async with deps.db.reading(caller) as session:
        whole = await reading.find(session, caller.team.team_id, incident_id)
    async with deps.db.transaction() as session:
        new_id = await regroup.split(session, incident_id, body.alert_ids, caller.actor, now, body.reason)
        told = {"incident_id": str(new_id), "reason": body.reason}
        await record(session, caller, "incident.split", Thing("incident", incident_id, whole.title), now, after=told)
    return await _shown(deps, caller, new_id)


async def _shown(deps: DepsDep, caller: Caller, incident_id: UUID) -> Incident:
    async with deps.db.reading(caller) as session:
        found = await reading.find(session, caller.team.team_id, incident_id)
        return Incident.model_validate(reading.values(found, found.post_mortem_md is not None))


@router.get("/api/incidents/{incident_id}/joins", responses=NOT_FOUND)
async def list_joins(incident_id: UUID, deps: DepsDep, caller: Reader) -> JoinPage:
    """What was joined to the incident, and why."""
    query = text(
        "select fingerprint, kind, reason, joined_at from public.incident_joins where incident_id = :id"
        " order by joined_at, fingerprint limit 1000"
    )
    async with deps.db.reading(caller) as session:
        await reading.find(session, caller.team.team_id, incident_id)
        rows = (await session.execute(query, {"id": incident_id})).mappings().all()
    return JoinPage(items=[Join.model_validate(dict(row)) for row in rows])


@router.get("/api/storm")
async def get_storm(deps: DepsDep, caller: Reader) -> Storm:
    """Whether more comes in than somebody can read one by one."""
    async with deps.db.reading(caller) as session:
        return await storm.now_of(session, caller.team.team_id, deps.clock.now())


@router.get("/api/dependencies")
async def list_dependencies(deps: DepsDep, caller: Reader) -> DependencyPage:
    """What needs what: declared by people and compose files, or seen by investigations."""
    async with deps.db.reading(caller) as session:
        rows = await dependencies.page(session, caller.team.team_id)
    return DependencyPage(items=[Dependency.model_validate(dict(row._mapping)) for row in rows])  # pyright: ignore[reportPrivateUsage]


@router.put("/api/dependencies", responses=refusals(s409="`too_many_dependencies`: delete some first."))
async def declare_dependency(body: NewDependency, deps: DepsDep, caller: Writer) -> Dependency:
    """Declares that a target needs another one: their troubles become one incident."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        team_id, who = caller.team.team_id, caller.actor.name
        row = await dependencies.declare(session, team_id, body.target, body.depends_on, who, now)
        name = f"{body.target} → {body.depends_on}"
        await record(session, caller, "dependency.declare", Thing("dependency", name=name), now)
    return Dependency.model_validate(dict(row._mapping))  # pyright: ignore[reportPrivateUsage]


@router.delete(
    "/api/dependencies", status_code=204, responses=refusals(s404="`not_found`: there is no such dependency.")
)
async def forget_dependency(target: Target, depends_on: Target, deps: DepsDep, caller: Writer) -> None:
    """Deletes a dependency. An investigation may see it again."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        await dependencies.forget(session, caller.team.team_id, target, depends_on)
        await record(session, caller, "dependency.forget", Thing("dependency", name=f"{target} → {depends_on}"), now)

"""/api/actions: the inbox of what waits for a decision, and the decisions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from backend.access import Caller, DepsDep, present, require
from backend.action import decision, reading, schemas
from backend.action.model import Action
from backend.action.rules import Status
from backend.audit.service import Thing, record
from backend.cursor import Cursor, Limit
from backend.refusals import refusals

router = APIRouter(tags=["actions"])

Reader = Annotated[Caller, Depends(require("incident.read"))]
# Whether the role may decide is asked with everything else, so that the refusal and the button say the same.
Decider = Annotated[Caller, Depends(present)]


NOT_FOUND = refusals(s404="`not_found`: it does not exist, or belongs to another team.")
REFUSALS = NOT_FOUND | refusals(
    s403="`forbidden`: your role may not decide about actions; `scope_missing`: an API key never does; "
    "`not_as_visitor`: neither does support.",
    s409="`already_decided`, with `decision`: {decision, who, at}; `digest_mismatch`: not what you were shown; "
    "`not_proposed`: withdrawn or not yet proposed; `second_person_needed`: you have approved it already.",
    s410="`action_expired`: nobody decided in time.",
    s422="`invalid`: the request could not be understood.",
)


@router.get("/api/actions")
async def list_actions(
    deps: DepsDep,
    caller: Reader,
    status: Annotated[Status | None, Query(description="`proposed` is the inbox.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> schemas.ActionPage:
    """The team's actions, newest first, each with its incident and with what you may decide."""
    async with deps.db.reading(caller) as session:
        return await reading.page(session, caller, deps.clock.now(), status=status, cursor=cursor, limit=limit)


@router.get("/api/incidents/{incident_id}/actions", responses=NOT_FOUND)
async def list_incident_actions(incident_id: UUID, deps: DepsDep, caller: Reader) -> schemas.ActionPage:
    """Everything that was proposed for an incident, newest first."""
    async with deps.db.reading(caller) as session:
        items = await reading.of_incident(session, caller, incident_id, deps.clock.now())
        return schemas.ActionPage(items=items, next_cursor=None)


@router.post("/api/actions/{action_id}/approve", responses=REFUSALS)
async def approve_action(
    action_id: UUID, body: schemas.ApproveRequest, deps: DepsDep, caller: Decider
) -> schemas.Action:
    """Says yes to what the digest stands for. It is then executed once, if everything still holds."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        action = await decision.approve(session, action_id, caller, body.digest, body.comment, now)
        await record(session, caller, "action.approve", _thing(action), now, after={"digest": body.digest})
        return (await reading.views(session, [action], caller, now))[0]


@router.post("/api/actions/{action_id}/reject", responses=REFUSALS)
async def reject_action(action_id: UUID, body: schemas.RejectRequest, deps: DepsDep, caller: Decider) -> schemas.Action:
    """Says no. Nothing is executed; the incident stays open."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        action = await decision.reject(session, action_id, caller, body.digest, body.reason, now)
        await record(session, caller, "action.reject", _thing(action), now, after={"reason": body.reason})
        return (await reading.views(session, [action], caller, now))[0]


@router.post("/api/actions/{action_id}/postpone", responses=REFUSALS)
async def postpone_action(
    action_id: UUID, body: schemas.PostponeRequest, deps: DepsDep, caller: Decider
) -> schemas.Action:
    """Puts the decision off. The proposal lives long enough to be decided afterwards."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        action = await decision.postpone(
            session, action_id, caller, body.digest, body.until, body.reason, deps.settings, now
        )
        said = {"until": body.until, "reason": body.reason}
        await record(session, caller, "action.postpone", _thing(action), now, after=said)
        return (await reading.views(session, [action], caller, now))[0]


def _thing(action: Action) -> Thing:
    return Thing("action", action.id, action.title)

"""The writer of actions up to the proposal: draft, propose or advise. decision.py and execution.py go on from there.

An action moves only under two locks, the incident's first, and by compare-and-set on its status (`move`).
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend import jobs
from backend.action import rules
from backend.action.kinds import CATALOGUE, CallHookParams, Preview, Proposal, Risk
from backend.action.model import Action
from backend.action.rules import Limits, Reason, Verb
from backend.actor import AGENT
from backend.errors import Conflict, NotFound
from backend.incident import service as incidents
from backend.incident.model import Incident
from backend.runbook import rules as hook_rules
from backend.runbook import service as runbook
from backend.settings import Settings

MAX_TEXT = 4000
MAX_EVIDENCE = 20


class ActionMoved(Conflict):
    """The action has moved on."""

    code = "action_moved"


def limits(settings: Settings) -> Limits:
    """How often one target may be worked on."""
    return Limits(settings.max_attempts_per_target, timedelta(seconds=settings.attempts_window_seconds))


# From the agent's proposal to a person's screen


async def draft(
    session: AsyncSession, incident: Incident, proposal: Proposal, investigation_id: uuid.UUID, now: datetime
) -> uuid.UUID | None:
    """Takes the agent's proposal for a locked, analyzed incident and has it prepared; an open one gives way to it.

    Returns None when it is not taken; the timeline then says why.
    """
    specified = await _specify(session, incident, proposal)
    if incident.state != "analyzed":
        specified = f"the incident is {incident.state.replace('_', ' ')}"
    if isinstance(specified, str):
        message = f"The proposed action was not taken: {_printable(specified)}"
        incidents.note(session, incident, "discard", AGENT, message, _brief(proposal), now)
        incident.needs_person = message
        return None
    await withdraw_open(session, incident.id, "A newer proposal took its place.")
    action = Action(
        id=uuid.uuid4(),
        team_id=incident.team_id,
        incident_id=incident.id,
        investigation_id=investigation_id,
        kind=proposal.kind,
        rationale=proposal.rationale[:MAX_TEXT],
        evidence=[label for label in proposal.evidence if re.fullmatch(r"E[0-9]{1,6}", label)][:MAX_EVIDENCE],
        status="drafted",
        created_at=now,
        params=specified.params,
        target=specified.target,
        title=specified.title,
        risk=specified.risk,
        inverse=specified.inverse,
        verify_plan=CATALOGUE[proposal.kind].verify_plan,
        settle_seconds=specified.settle_seconds,
    )
    session.add(action)
    await session.flush()
    await jobs.defer(session, jobs.PREPARE_ACTION, action_id=str(action.id))
    return action.id


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:500]


def _brief(proposal: Proposal) -> dict[str, Any]:
    whole = {"kind": proposal.kind, "params": proposal.params}
    return whole if rules.is_storable(whole) and len(rules.canonical(whole)) < MAX_TEXT else {}


@dataclass(frozen=True)
class _Specified:
    """A proposal in our own terms: what the catalogue and the hook say, not what the agent says about them."""

    params: dict[str, Any]
    target: str
    title: str
    risk: Risk
    inverse: str
    settle_seconds: float


async def _specify(session: AsyncSession, incident: Incident, proposal: Proposal) -> _Specified | str:
    """Checks a proposal against the catalogue. The target follows from the parameters, never from the agent's prose.

    Returns the reason, in words, when it does not hold.
    """
    kind = CATALOGUE.get(proposal.kind)
    if kind is None:
        return f"there is no action {proposal.kind[:100]!r}."
    try:
        params = kind.params.model_validate(proposal.params)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    values = params.model_dump(mode="json")
    if not rules.is_storable(values) or not rules.is_storable([proposal.rationale]):
        return "it contains characters that cannot be stored."
    if isinstance(params, CallHookParams):
        return await _specify_hook(session, incident, params, values)
    subject = params.subject()
    return _Specified(values, subject, f"{kind.title} {subject}", kind.risk, kind.inverse, kind.settle_seconds)


async def _specify_hook(
    session: AsyncSession, incident: Incident, params: CallHookParams, values: dict[str, Any]
) -> _Specified | str:
    hook = await runbook.find(session, incident.team_id, params.hook, incident.target)
    if hook is None:
        return f"there is no active hook {params.hook!r} for {incident.target}."
    wrong = hook_rules.check_arguments(hook.params_schema, params.arguments)
    if wrong is not None:
        return f"the arguments do not fit the hook's schema: {wrong.text}"
    inverse = hook.inverse or "The hook does not say how to undo it."
    title = f"Call runbook hook {hook.name}"
    return _Specified(values, incident.target, title, hook.danger, inverse, hook.settle_seconds)


async def withdraw_open(session: AsyncSession, incident_id: uuid.UUID, reason: str) -> None:
    """Takes back whatever still waits. A trigger does the same when an incident is closed or investigated again."""
    await session.execute(
        update(Action)
        .where(Action.incident_id == incident_id, Action.status.in_(("drafted", "proposed")))
        .values(status="withdrawn", status_reason=reason)
    )


async def propose(
    session: AsyncSession,
    action_id: uuid.UUID,
    preview: Preview,
    target_state: Mapping[str, Any],
    settings: Settings,
    now: datetime,
) -> bool:
    """Puts a prepared draft before the people, bound to what its target is now. False: it is no longer wanted.

    A target that has been worked on too often gets advice instead.
    """
    incident, action = await lock(session, action_id)
    if action.state != "drafted" or incident.state != "analyzed":
        return False
    used_up = rules.attempts_left(await starts(session, action), limits(settings), now)
    if used_up is not None:
        await _advise(session, incident, action, used_up.text, preview, now)
        return True
    expires_at = now + timedelta(seconds=settings.proposal_ttl_seconds)
    await move(
        session,
        action,
        "propose",
        preview=preview.model_dump(mode="json"),
        target_state=dict(target_state),
        policy_version=rules.POLICY_VERSION,
        digest=digest_of(action, target_state, rules.POLICY_VERSION),
        proposed_at=now,
        expires_at=expires_at,
    )
    incidents.apply(
        session,
        incident,
        "propose",
        AGENT,
        now,
        message=f"Proposed: {action.title}",
        data=told(action),
        proposed_action=preview.summary,
        needs_person=None,
    )
    await session.flush()
    await jobs.defer(session, jobs.EXPIRE_ACTION, at=expires_at, action_id=str(action.id))
    return True


async def advise(session: AsyncSession, action_id: uuid.UUID, reason: str, now: datetime) -> bool:
    """Turns a draft that Nightdesk cannot carry out into advice for people. False: it is no longer wanted."""
    incident, action = await lock(session, action_id)
    if action.state != "drafted":
        return False
    await _advise(session, incident, action, reason, None, now)
    return True


async def _advise(
    session: AsyncSession, incident: Incident, action: Action, reason: str, preview: Preview | None, now: datetime
) -> None:
    shown = None if preview is None else preview.model_dump(mode="json")
    await move(session, action, "advise", status_reason=reason, preview=shown)
    incident.proposed_action = action.title
    incident.needs_person = f"{action.title} is advised but cannot be done from here: {reason}"
    incident.updated_at = now
    incidents.note(session, incident, "advise", AGENT, f"Advised: {action.title}. {reason}", told(action), now)
    await session.flush()


# Shared with decision.py and execution.py


async def starts(session: AsyncSession, action: Action) -> list[datetime]:
    """When other actions on the same target were started."""
    query = select(Action.started_at).where(
        Action.team_id == action.team_id,
        Action.target == action.target,
        Action.started_at.is_not(None),
        Action.id != action.id,
    )
    return [at for at in await session.scalars(query.order_by(Action.started_at.desc()).limit(100)) if at is not None]


def digest_of(action: Action, target_state: Mapping[str, Any], policy_version: str) -> str:
    """What the row as it is now would be approved as."""
    return rules.digest(
        kind=action.kind,
        params=action.params,
        target=action.target,
        target_state=target_state,
        incident_id=action.incident_id,
        policy_version=policy_version,
    )


def told(action: Action) -> dict[str, Any]:
    """What the timeline says about an action besides its sentence."""
    return {"action_id": str(action.id), "kind": action.kind, "target": action.target, "risk": action.risk}


async def lock(
    session: AsyncSession, action_id: uuid.UUID, *, team_id: uuid.UUID | None = None
) -> tuple[Incident, Action]:
    """The incident and its action, locked in this order. Raises NotFound, also for another team's action."""
    query = select(Action.incident_id).where(Action.id == action_id)
    if team_id is not None:
        query = query.where(Action.team_id == team_id)
    incident_id = (await session.scalars(query)).one_or_none()
    if incident_id is None:
        raise NotFound()
    incident = await incidents.lock(session, incident_id)
    row = select(Action).where(Action.id == action_id).with_for_update().execution_options(populate_existing=True)
    return incident, (await session.scalars(row)).one()


async def move(session: AsyncSession, action: Action, verb: Verb, **changes: Any) -> None:
    """The one place where an action gets a status: by the table, if it still is what it was. Raises ActionMoved."""
    before = action.state
    after = rules.next_status(before, verb)
    if isinstance(after, Reason):
        raise ActionMoved(after.text)
    statement = (
        update(Action).where(Action.id == action.id, Action.status == before).values(status=after, **changes)
    ).returning(Action.id)
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise ActionMoved()
    await session.refresh(action)

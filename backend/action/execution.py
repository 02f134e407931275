"""The writer of what follows an approval: start, finish, verified.

The row in action_executions is committed before the call, one per action: what has been tried is known even if
the process dies in the middle. Found again without an outcome it is repeated only where that does no harm.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import jobs
from backend.action import rules
from backend.action.kinds import ExecutionOutcome, Result, Verification, VerificationCheck
from backend.action.model import Action, ActionExecution
from backend.action.rules import Reason, StartFacts, Verb
from backend.action.service import digest_of, limits, lock, move, starts, told
from backend.actor import SYSTEM
from backend.incident import service as incidents
from backend.incident.model import Incident
from backend.settings import Settings

Go = Literal["run", "over"]

_VERB_OF: dict[ExecutionOutcome, Verb] = {"succeeded": "succeed", "failed": "fail", "unknown": "lose"}
LOST = "The process that ran this died in the middle. Whether it happened is not known; look at the target."


async def start(
    session: AsyncSession,
    action_id: uuid.UUID,
    live_state: Mapping[str, Any] | None,
    settings: Settings,
    now: datetime,
    *,
    worker: str,
    idempotent: bool,
) -> Go:
    """Asks everything again under lock and writes the attempt; only on "run" may the caller act, after the commit.

    `live_state`: the target a moment ago, None when it is gone.
    """
    incident, action = await lock(session, action_id)
    if action.state == "executing":
        return await _found_again(session, incident, action, now, worker=worker, idempotent=idempotent)
    if action.state != "approved":
        return "over"
    facts = await _facts(session, incident, action, live_state)
    reason = rules.may_start(facts, limits(settings), now)
    if reason is not None:
        await _drop(session, incident, action, reason, now)
        return "over"
    session.add(
        ActionExecution(id=uuid.uuid4(), team_id=action.team_id, action_id=action.id, worker=worker, started_at=now)
    )
    await move(session, action, "start", started_at=now)
    incident.executed_at, incident.updated_at = now, now
    incidents.note(session, incident, "start", SYSTEM, f"Started: {action.title}", told(action), now)
    await session.flush()
    return "run"


async def _facts(
    session: AsyncSession, incident: Incident, action: Action, live_state: Mapping[str, Any] | None
) -> StartFacts:
    approved_state = action.target_state or {}
    return StartFacts(
        incident_status=incident.state,
        firing=incident.firing,
        expires_at=action.expires_at,
        decided_at=action.decided_at,
        policy_version=action.policy_version,
        digest=action.digest,
        digest_now=digest_of(action, approved_state, action.policy_version or ""),
        target_state=approved_state,
        live_state=live_state,
        starts=await starts(session, action),
    )


async def _found_again(
    session: AsyncSession, incident: Incident, action: Action, now: datetime, *, worker: str, idempotent: bool
) -> Go:
    execution = await _execution(session, action)
    if rules.after_crash(idempotent=idempotent, attempts=execution.attempts) == "lose":
        await _finish(session, incident, action, execution, Result(outcome="unknown", error=LOST), now)
        return "over"
    execution.attempts += 1
    execution.worker = worker
    message = f"Started again, as it can be repeated without harm: {action.title}"
    incidents.note(session, incident, "start", SYSTEM, message, told(action), now)
    await session.flush()
    return "run"


async def _drop(session: AsyncSession, incident: Incident, action: Action, reason: Reason, now: datetime) -> None:
    """Nothing is done. What becomes of the incident depends on why."""
    await move(session, action, "drop", status_reason=reason.text, finished_at=now)
    message = f"{action.title} was not started: {reason.text}"
    if reason.code in ("incident_closed", "incident_moved"):
        incidents.note(session, incident, "drop", SYSTEM, message, told(action), now)
    elif reason.code == "recovered":
        incidents.apply(session, incident, "give_back", SYSTEM, now, message=message, data=told(action))
        await incidents.resolve(session, incident, SYSTEM, now, message="It recovered by itself.")
    elif reason.code == "attempts_used_up":
        _give_back(session, incident, action, message, now)
    else:
        await incidents.begin_round(session, incident, SYSTEM, now, message=message, hint=message)
    await session.flush()


async def cannot_start(session: AsyncSession, action_id: uuid.UUID, why: str, now: datetime) -> None:
    """The executor gave up. Not started: it is dropped and a person is told. Started: what came of it is not known."""
    incident, action = await lock(session, action_id)
    if action.state == "executing":
        execution = await _execution(session, action)
        await _finish(session, incident, action, execution, Result(outcome="unknown", error=why), now)
    elif action.state == "approved":
        await move(session, action, "drop", status_reason=why, finished_at=now)
        _give_back(session, incident, action, f"{action.title} could not be started: {why}", now)
        await session.flush()


def _give_back(session: AsyncSession, incident: Incident, action: Action, message: str, now: datetime) -> None:
    incidents.apply(
        session, incident, "give_back", SYSTEM, now, message=message, data=told(action), needs_person=message
    )


async def finish(session: AsyncSession, action_id: uuid.UUID, result: Result, now: datetime) -> bool:
    """Writes what came of the run and has it verified. False: somebody has written an outcome in the meantime."""
    incident, action = await lock(session, action_id)
    execution = await _execution(session, action)
    if execution.outcome is not None:
        message = f"A late answer from {action.title}: {result.error or result.result or result.outcome}"
        incidents.note(session, incident, "late_answer", SYSTEM, message, told(action), now)
        await session.flush()
        return False
    await _finish(session, incident, action, execution, result, now)
    return True


async def _finish(
    session: AsyncSession,
    incident: Incident,
    action: Action,
    execution: ActionExecution,
    result: Result,
    now: datetime,
) -> None:
    execution.outcome, execution.finished_at = result.outcome, now
    execution.result, execution.error = result.result, result.error
    execution.after_state = result.after_state
    await move(session, action, _VERB_OF[result.outcome], finished_at=now, result=result.result, error=result.error)
    said = {
        "succeeded": f"{action.title} is done",
        "failed": f"{action.title} failed",
        "unknown": f"What came of {action.title} is not known",
    }[result.outcome]
    detail = result.error or result.result
    incidents.apply(
        session,
        incident,
        "verify",
        SYSTEM,
        now,
        message=f"{said}: {detail}" if detail else said,
        data={**told(action), "outcome": result.outcome},
        action_result=result.result,
        action_error=result.error,
        needs_person=f"{said}. {detail}" if result.outcome == "unknown" else None,
    )
    await session.flush()
    await jobs.defer(session, jobs.VERIFY_ACTION, action_id=str(action.id))


async def _execution(session: AsyncSession, action: Action) -> ActionExecution:
    query = select(ActionExecution).where(ActionExecution.action_id == action.id).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).one()


async def verified(
    session: AsyncSession,
    action_id: uuid.UUID,
    outcome: Verification,
    checks: Sequence[VerificationCheck],
    settings: Settings,
    now: datetime,
) -> bool:
    """Writes whether it helped, and sends the incident where it belongs. False: this has been written already."""
    incident, action = await lock(session, action_id)
    if action.verification is not None or action.state not in rules.EXECUTED or incident.state != "verifying":
        return False
    action.verification, action.verified_at = outcome, now
    action.verification_detail = {"checks": [check.model_dump(mode="json") for check in checks]}
    incident.verification = outcome
    why = _why(outcome, checks)
    after = rules.after_verification(outcome, incident.investigation_round, settings.max_rounds)
    if after == "resolve":
        message = f"{action.title} helped. {why}"
        incidents.note(session, incident, "verified", SYSTEM, message, {**told(action), "verification": outcome}, now)
        await incidents.resolve(session, incident, SYSTEM, now, message="Recovery is verified.")
    elif after == "investigate":
        message = f"{action.title} did not help. {why}"
        await incidents.begin_round(session, incident, SYSTEM, now, message=message, hint=message)
    elif after == "give_back":
        _give_back(session, incident, action, f"Whether {action.title} helped cannot be told. {why}", now)
    else:
        _fail(session, incident, action, f"{action.title} did not help either. {why}", now)
    await session.flush()
    return True


def _why(outcome: Verification, checks: Sequence[VerificationCheck]) -> str:
    """The checks that tell. What the execution itself said is in the timeline already."""
    looked_at = [check for check in checks if check.name != "execution"] or list(checks)
    telling = [check for check in looked_at if check.ok is (outcome == "recovered")]
    return " ".join(check.detail for check in telling or looked_at)


def _fail(session: AsyncSession, incident: Incident, action: Action, message: str, now: datetime) -> None:
    rounds = incident.investigation_round
    incidents.apply(
        session,
        incident,
        "fail",
        SYSTEM,
        now,
        message=message,
        data=told(action),
        needs_person=f"After {rounds} investigations it is still not repaired. A person has to take over.",
    )

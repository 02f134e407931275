"""The writer of decisions: approve, reject, postpone, and expiry when nobody does.

A decision names the action and the digest it was shown; the row is the truth. Who comes second is told who was first.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import jobs
from backend.access import Caller
from backend.action import rules
from backend.action.model import Action, ActionDecision
from backend.action.rules import Code, DecisionVerb, Reason, Standing
from backend.action.service import lock, move, told
from backend.actor import SYSTEM, Actor
from backend.errors import Conflict, Forbidden, Invalid, NightdeskError
from backend.incident import service as incidents
from backend.incident.model import Incident
from backend.settings import Settings
from backend.tokens import session_level


class AlreadyDecided(Conflict):
    """This has been decided already. `decision` is what was decided first, by whom and when."""

    code = "already_decided"


class DigestMismatch(Conflict):
    """This is not the proposal you were shown. Reload, read it, decide again."""

    code = "digest_mismatch"


class NotProposed(Conflict):
    """This is not waiting for a decision."""

    code = "not_proposed"


class SecondPersonNeeded(Conflict):
    """You have approved this; a second person has to approve it, too."""

    code = "second_person_needed"


class MfaRequired(Forbidden):
    """Your team asks for a second factor before an approval."""

    code = "mfa_required"


class SessionEnded(NightdeskError):
    """You have been signed out. Sign in again, read the proposal, then decide."""

    status, code = 401, "session_ended"


class ActionExpired(NightdeskError):
    """Nobody decided in time: the proposal has expired."""

    status, code = 410, "action_expired"


_REFUSALS: dict[Code, type[NightdeskError]] = {
    "forbidden": Forbidden,
    "mfa_required": MfaRequired,
    "already_decided": AlreadyDecided,
    "action_expired": ActionExpired,
    "not_proposed": NotProposed,
    "digest_mismatch": DigestMismatch,
    "second_person_needed": SecondPersonNeeded,
    "bad_time": Invalid,
}


async def approve(
    session: AsyncSession, action_id: uuid.UUID, caller: Caller, digest: str, comment: str, now: datetime
) -> Action:
    """Says yes to exactly what was shown; the last yes that is needed starts it.

    Raises NotFound, Forbidden, MfaRequired, SessionEnded, AlreadyDecided, ActionExpired, DigestMismatch, NotProposed,
    SecondPersonNeeded.
    """
    incident, action, approvals = await _to_decide(session, action_id, caller, "approve", digest, now)
    _record(session, action, caller, "approve", comment, now)
    names = [*(a.who for a in approvals), caller.actor.name]
    said = f": {comment}" if comment else ""
    if not rules.is_approved(action.danger, [*(a.user_id for a in approvals), caller.user_id]):
        message = f"{caller.actor.name} approved {action.title}; a second person has to{said}"
        incidents.note(session, incident, "approve", caller.actor, message, told(action), now)
        await session.flush()
        return action
    await move(session, action, "approve", decided_at=now, approved_by=", ".join(names), postponed_until=None)
    incidents.apply(
        session,
        incident,
        "execute",
        caller.actor,
        now,
        message=f"{caller.actor.name} approved {action.title}{said}",
        data=told(action),
        approved_by=action.approved_by,
        action_result=None,
        action_error=None,
        verification=None,
        needs_person=None,
    )
    await session.flush()
    await jobs.defer(session, jobs.EXECUTE_ACTION, action_id=str(action.id))
    return action


async def reject(
    session: AsyncSession, action_id: uuid.UUID, caller: Caller, digest: str | None, reason: str, now: datetime
) -> Action:
    """Says no. The incident stays with the people. Raises as approve does."""
    incident, action, _ = await _to_decide(session, action_id, caller, "reject", digest, now)
    _record(session, action, caller, "reject", reason, now)
    who = caller.actor.name
    said = f": {reason}" if reason else ""
    await move(session, action, "reject", decided_at=now, status_reason=f"{who} rejected it{said}")
    _decline(
        session,
        incident,
        action,
        caller.actor,
        now,
        message=f"{who} rejected {action.title}{said}",
        needs_person=f"{who} rejected the proposed action. Resolve it by hand, or investigate again.",
        approved_by=who,
    )
    await session.flush()
    return action


async def postpone(
    session: AsyncSession,
    action_id: uuid.UUID,
    caller: Caller,
    digest: str | None,
    until: datetime,
    reason: str,
    settings: Settings,
    now: datetime,
) -> Action:
    """Puts the decision off; the proposal stays, and lives long enough to be decided afterwards."""
    incident, action, _ = await _to_decide(session, action_id, caller, "postpone", digest, now)
    _refuse(rules.may_postpone(until, now))
    _record(session, action, caller, "postpone", reason, now)
    assert action.expires_at is not None
    expires_at = max(action.expires_at, until + timedelta(seconds=settings.proposal_ttl_seconds))
    await move(session, action, "postpone", postponed_until=until, expires_at=expires_at)
    who = caller.actor.name
    said = f": {reason}" if reason else ""
    incident.approved_by, incident.updated_at = who, now
    message = f"{who} postponed {action.title} until {until:%Y-%m-%d %H:%M} UTC{said}"
    incidents.note(session, incident, "postpone", caller.actor, message, told(action), now)
    await session.flush()
    return action


async def expire(session: AsyncSession, action_id: uuid.UUID, now: datetime) -> datetime | None:
    """Ends a proposal that nobody decided about. Returns when to ask again, if its time is not over yet."""
    incident, action = await lock(session, action_id)
    if action.state != "proposed":
        return None
    if not rules.is_expired(action.expires_at, now):
        return action.expires_at
    await move(session, action, "expire", status_reason="Nobody decided in time.")
    _decline(
        session,
        incident,
        action,
        SYSTEM,
        now,
        message=f"Nobody decided in time about {action.title}",
        needs_person="The proposed action expired undecided. Investigate again for a fresh one, or resolve it by hand.",
    )
    await session.flush()
    return None


def _decline(
    session: AsyncSession,
    incident: Incident,
    action: Action,
    actor: Actor,
    now: datetime,
    *,
    message: str,
    **changes: Any,
) -> None:
    incidents.apply(session, incident, "decline", actor, now, message=message, data=told(action), **changes)


async def _to_decide(
    session: AsyncSession, action_id: uuid.UUID, caller: Caller, verb: DecisionVerb, shown: str | None, now: datetime
) -> tuple[Incident, Action, list[ActionDecision]]:
    """The locked rows and the approvals so far, if this person may decide now. Raises the reason if not."""
    level = await session_level(session, caller.session_id, now)
    if level is None and caller.may("action.decide"):
        raise SessionEnded()
    incident, action = await lock(session, action_id, team_id=caller.team.team_id)
    decisions = await decisions_of(session, action.id)
    approvals = [d for d in decisions if d.decision == "approve"]
    standing = standing_of(action, approvals)
    reason = rules.may_decide(
        verb,
        standing,
        caller.user_id,
        now,
        allowed=caller.may("action.decide"),
        # The token is as old as its last refresh: what it says must still hold.
        proved=caller.aal == level == "aal2" or not await asks_second_factor(session, caller.team.team_id),
    )
    if reason is None and shown is not None:
        reason = rules.same_digest(shown, action.digest)
    _refuse(reason, decisions)
    return incident, action, approvals


async def asks_second_factor(session: AsyncSession, team_id: uuid.UUID) -> bool:
    """Whether the team lets only those approve who have shown a second factor."""
    asked = await session.execute(
        text("select settings -> 'require_mfa' = 'true' from public.teams where id = :id"), {"id": team_id}
    )
    return bool(asked.scalar_one_or_none())


def _refuse(reason: Reason | None, decisions: list[ActionDecision] | None = None) -> None:
    if reason is None:
        return
    if reason.code != "already_decided":
        raise _REFUSALS[reason.code](reason.text)
    first = next((d for d in decisions or [] if d.decision != "postpone"), None)
    if first is None:
        raise NotProposed(reason.text)
    raise AlreadyDecided(
        f"{first.who} decided this already: {first.decision}.",
        decision={"decision": first.decision, "who": first.who, "at": _rfc3339(first.created_at)},
    )


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _record(
    session: AsyncSession, action: Action, caller: Caller, decision: DecisionVerb, comment: str, now: datetime
) -> None:
    session.add(
        ActionDecision(
            id=uuid.uuid4(),
            team_id=action.team_id,
            action_id=action.id,
            user_id=caller.user_id,
            who=caller.actor.name,
            decision=decision,
            digest=action.digest,
            comment=comment,
            aal=caller.aal,
            created_at=now,
        )
    )


def standing_of(action: Action, approvals: list[ActionDecision]) -> Standing:
    """An action in the terms of the rules."""
    return Standing(
        status=action.state,
        status_reason=action.status_reason,
        risk=action.danger,
        expires_at=action.expires_at,
        approved_by=frozenset(a.user_id for a in approvals),
    )


async def decisions_of(session: AsyncSession, *action_ids: uuid.UUID) -> list[ActionDecision]:
    """What people said about these actions, oldest first."""
    query = select(ActionDecision).where(ActionDecision.action_id.in_(action_ids))
    return list(await session.scalars(query.order_by(ActionDecision.created_at, ActionDecision.id)))

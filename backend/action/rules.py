"""What may happen to an action: who may decide about it, what binds a decision, what must still hold when it starts."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from backend.action.kinds import CATALOGUE, ActionKind, Risk, Verification
from backend.incident.rules import CLOSED
from backend.incident.rules import Status as IncidentStatus

Status = Literal[
    "drafted",
    "advice",
    "proposed",
    "approved",
    "executing",
    "succeeded",
    "failed",
    "unknown",
    "rejected",
    "expired",
    "stale",
    "withdrawn",
]
DecisionVerb = Literal["approve", "reject", "postpone"]
Verb = Literal[
    "propose",
    "advise",
    "approve",
    "reject",
    "postpone",
    "expire",
    "withdraw",
    "start",
    "drop",
    "succeed",
    "fail",
    "lose",
]

TRANSITIONS: dict[tuple[Status, Verb], Status] = {
    ("drafted", "propose"): "proposed",
    ("drafted", "advise"): "advice",
    ("drafted", "withdraw"): "withdrawn",
    ("proposed", "approve"): "approved",
    ("proposed", "reject"): "rejected",
    ("proposed", "postpone"): "proposed",
    ("proposed", "expire"): "expired",
    ("proposed", "withdraw"): "withdrawn",
    ("approved", "start"): "executing",
    ("approved", "drop"): "stale",
    ("approved", "withdraw"): "withdrawn",
    ("executing", "succeed"): "succeeded",
    ("executing", "fail"): "failed",
    ("executing", "lose"): "unknown",
}
# It has been executed, for better or worse: what came of it is looked at afterwards.
EXECUTED: frozenset[Status] = frozenset({"succeeded", "failed", "unknown"})
# A person's word is in; what follows from it is no longer to be decided.
DECIDED: frozenset[Status] = frozenset({"approved", "executing", "rejected", "stale", "succeeded", "failed", "unknown"})

# An approval at the last moment still gets the time a busy worker needs to begin.
START_GRACE = timedelta(minutes=5)
# A run that takes its process down every time is not tried a fourth time.
MAX_RUNS = 3
MAX_POSTPONE = timedelta(days=7)

Code = Literal[
    "forbidden",
    "mfa_required",
    "already_decided",
    "action_expired",
    "not_proposed",
    "digest_mismatch",
    "second_person_needed",
    "bad_time",
    "wrong_status",
    "incident_closed",
    "incident_moved",
    "recovered",
    "start_too_late",
    "policy_changed",
    "content_changed",
    "target_changed",
    "attempts_used_up",
]


@dataclass(frozen=True)
class Reason:
    """Why something is not done: a name for the code that asks, a sentence for the person."""

    code: Code
    text: str


def next_status(status: Status, verb: Verb) -> Status | Reason:
    """The status after `verb`, or why it cannot happen."""
    after = TRANSITIONS.get((status, verb))
    if after is not None:
        return after
    return Reason("wrong_status", f"This action is {status}; it cannot be {_PAST[verb]} any more.")


_PAST: dict[Verb, str] = {
    "propose": "proposed",
    "advise": "turned into advice",
    "approve": "approved",
    "reject": "rejected",
    "postpone": "postponed",
    "expire": "expired",
    "withdraw": "withdrawn",
    "start": "started",
    "drop": "dropped",
    "succeed": "finished",
    "fail": "finished",
    "lose": "finished",
}


# What a decision is bound to


def canonical(value: Any) -> str:
    """JSON with one spelling: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def is_storable(value: Any) -> bool:
    """Whether PostgreSQL can keep it as JSON: no NUL, no half of a surrogate pair, no NaN."""
    try:
        text = canonical(value)
        text.encode()
    except (ValueError, TypeError):
        return False
    return "\\u0000" not in text


def digest(
    *,
    kind: str,
    params: Mapping[str, Any],
    target: str,
    target_state: Mapping[str, Any],
    incident_id: UUID,
    policy_version: str,
) -> str:
    """What a person approves, in 64 characters: sha256 of the canonical JSON of exactly what would run, and on what."""
    bound = {
        "kind": kind,
        "params": dict(params),
        "target": target,
        "target_state": dict(target_state),
        "incident": str(incident_id),
        "policy_version": policy_version,
    }
    return hashlib.sha256(canonical(bound).encode()).hexdigest()


def policy_version(catalogue: Mapping[str, ActionKind] = CATALOGUE) -> str:
    """Changes when the catalogue does: what was approved under other rules is not run under these."""
    facts = {
        k.kind: [k.risk, k.idempotent, k.settle_seconds, k.inverse, k.verify_plan, k.json_schema()]
        for k in catalogue.values()
    }
    return hashlib.sha256(canonical(facts).encode()).hexdigest()[:12]


POLICY_VERSION = policy_version()


# Who may decide, and until when


@dataclass(frozen=True)
class Standing:
    """An action as a decision finds it. `approved_by`: who has approved so far."""

    status: Status
    status_reason: str
    risk: Risk
    expires_at: datetime | None
    approved_by: frozenset[UUID]


def approvals_needed(risk: Risk) -> int:
    """High risk needs two different people."""
    return 2 if risk == "high" else 1


def may_decide(
    verb: DecisionVerb, standing: Standing, who: UUID, now: datetime, *, allowed: bool, proved: bool
) -> Reason | None:
    """Whether this person can decide now; the same answer feeds the buttons. None: yes.

    `proved`: they have shown the second factor, or their team does not ask for it.
    """
    if standing.status == "expired":
        return Reason("action_expired", "Nobody decided in time: the proposal has expired.")
    if standing.status in DECIDED:
        return Reason("already_decided", "This has been decided already.")
    if standing.status != "proposed":
        return Reason("not_proposed", standing.status_reason or "This is not waiting for a decision.")
    if is_expired(standing.expires_at, now):
        return Reason("action_expired", "Nobody decided in time: the proposal has expired.")
    if not allowed:
        return Reason("forbidden", "Your role may not decide about actions. Ask a responder of the team.")
    if verb == "approve" and not proved:
        return Reason(
            "mfa_required",
            "Your team asks for a second factor before an approval. Confirm with your authenticator app, then approve.",
        )
    if verb == "approve" and who in standing.approved_by:
        return Reason("second_person_needed", "You have approved this; a second person has to approve it, too.")
    return None


def same_digest(shown: str, actual: str | None) -> Reason | None:
    """A decision counts for what the person was shown, nothing else."""
    if shown == actual:
        return None
    return Reason("digest_mismatch", "This is not the proposal you were shown. Reload, read it, decide again.")


def is_expired(expires_at: datetime | None, now: datetime) -> bool:
    """Whether the time for a decision is over."""
    return expires_at is not None and now >= expires_at


def is_approved(risk: Risk, approved_by: Collection[UUID]) -> bool:
    """Whether enough different people have said yes."""
    return len(set(approved_by)) >= approvals_needed(risk)


def may_postpone(until: datetime, now: datetime) -> Reason | None:
    """A decision can wait, but neither into the past nor for ever."""
    if until <= now:
        return Reason("bad_time", "Choose a time in the future.")
    if until > now + MAX_POSTPONE:
        return Reason("bad_time", f"A decision can be put off by {MAX_POSTPONE.days} days at most.")
    return None


# What must still hold when it starts


@dataclass(frozen=True)
class Limits:
    """How often one target may be worked on: `attempts` within `window`, then it rests."""

    attempts: int
    window: timedelta


def attempts_left(starts: Sequence[datetime], limits: Limits, now: datetime) -> Reason | None:
    """Whether the target may be tried again, from the times it was tried at. None: yes."""
    recent = sorted(at for at in starts if at > now - limits.window)
    if len(recent) < limits.attempts:
        return None
    again = recent[-limits.attempts] + limits.window
    return Reason(
        "attempts_used_up",
        f"This target has been worked on {len(recent)} times within {_minutes(limits.window)}; "
        f"it is left alone until {again:%H:%M} UTC. Look at what the attempts had in common.",
    )


def _minutes(span: timedelta) -> str:
    return f"{round(span.total_seconds() / 60)} minutes"


@dataclass(frozen=True)
class StartFacts:
    """An approved action as its execution finds it. `live_state` None: the target is not there any more."""

    incident_status: IncidentStatus
    firing: bool
    expires_at: datetime | None
    decided_at: datetime | None
    policy_version: str | None
    digest: str | None
    digest_now: str
    target_state: Mapping[str, Any]
    live_state: Mapping[str, Any] | None
    starts: Sequence[datetime]


def may_start(facts: StartFacts, limits: Limits, now: datetime) -> Reason | None:
    """Permission ten minutes ago is not permission now: everything is asked again, under lock. None: go."""
    if facts.incident_status in CLOSED:
        return Reason("incident_closed", f"The incident is {facts.incident_status}.")
    if facts.incident_status != "executing_solution":
        return Reason("incident_moved", f"The incident has moved on: it is {facts.incident_status.replace('_', ' ')}.")
    if not facts.firing:
        return Reason("recovered", "It recovered before anything was done.")
    if now >= start_deadline(facts.expires_at, facts.decided_at):
        return Reason("start_too_late", "The approval is too old: it was not started in time.")
    if facts.policy_version != POLICY_VERSION:
        return Reason("policy_changed", "The rules for actions have changed since this was approved.")
    if facts.digest != facts.digest_now:
        return Reason("content_changed", "The action is no longer what was approved.")
    if facts.live_state is None:
        return Reason("target_changed", "The target is gone.")
    changed = differences(facts.target_state, facts.live_state)
    if changed:
        return Reason("target_changed", f"The target has changed since the proposal: {', '.join(changed)}.")
    return attempts_left(facts.starts, limits, now)


def start_deadline(expires_at: datetime | None, decided_at: datetime | None) -> datetime:
    """Until when an approved action may begin."""
    assert expires_at is not None
    return expires_at if decided_at is None else max(expires_at, decided_at + START_GRACE)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What is different, by name, as one would say it."""
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return [name.replace("_", " ") for name in names]


# What follows


def after_crash(*, idempotent: bool, attempts: int) -> Literal["run_again", "lose"]:
    """An execution without an outcome: only what can be repeated without harm is repeated, and not for ever."""
    return "run_again" if idempotent and attempts < MAX_RUNS else "lose"


def after_verification(
    outcome: Verification, rounds: int, max_rounds: int
) -> Literal["resolve", "investigate", "fail", "give_back"]:
    """What becomes of the incident."""
    if outcome == "recovered":
        return "resolve"
    if outcome == "inconclusive":
        return "give_back"
    return "investigate" if rounds < max_rounds else "fail"

"""What may happen to an incident: a table of (status, verb) → status, and the reason when it may not."""

from dataclasses import dataclass
from typing import Literal, get_args

Status = Literal[
    "detected",
    "investigating",
    "analyzed",
    "awaiting_approval",
    "executing_solution",
    "verifying",
    "resolved",
    "failed",
]
Severity = Literal["critical", "high", "medium", "low"]
SourceType = Literal["container", "database", "manual", "monitor", "host"]
Runtime = Literal["docker", "podman", "kubernetes"]
Verb = Literal[
    "investigate", "conclude", "propose", "decline", "execute", "verify", "give_back", "fail", "resolve", "reopen"
]
PersonVerb = Literal["acknowledge", "investigate", "resolve", "reopen"]

STATUSES: tuple[Status, ...] = get_args(Status)
CLOSED: frozenset[Status] = frozenset({"resolved", "failed"})
ACTIVE: frozenset[Status] = frozenset(STATUSES) - CLOSED
# While a remedy is on its way, only its own outcome moves the incident.
COMMITTED: frozenset[Status] = frozenset({"executing_solution", "verifying"})

SEVERITY_ORDER: dict[Severity, int] = {"critical": 3, "high": 2, "medium": 1, "low": 0}

TRANSITIONS: dict[tuple[Status, Verb], Status] = {
    ("detected", "investigate"): "investigating",
    ("investigating", "investigate"): "investigating",
    ("analyzed", "investigate"): "investigating",
    ("awaiting_approval", "investigate"): "investigating",
    ("executing_solution", "investigate"): "investigating",
    ("verifying", "investigate"): "investigating",
    ("investigating", "conclude"): "analyzed",
    ("analyzed", "propose"): "awaiting_approval",
    ("awaiting_approval", "decline"): "analyzed",
    ("awaiting_approval", "execute"): "executing_solution",
    ("executing_solution", "verify"): "verifying",
    ("executing_solution", "give_back"): "analyzed",
    ("verifying", "give_back"): "analyzed",
    ("verifying", "resolve"): "resolved",
    ("detected", "resolve"): "resolved",
    ("investigating", "resolve"): "resolved",
    ("analyzed", "resolve"): "resolved",
    ("awaiting_approval", "resolve"): "resolved",
    ("failed", "resolve"): "resolved",
    ("detected", "fail"): "failed",
    ("investigating", "fail"): "failed",
    ("analyzed", "fail"): "failed",
    ("executing_solution", "fail"): "failed",
    ("verifying", "fail"): "failed",
    ("resolved", "reopen"): "detected",
    ("failed", "reopen"): "detected",
}


@dataclass(frozen=True)
class Refusal:
    """Why a verb is not possible now, in a sentence for the person who asked."""

    reason: str


def next_status(status: Status, verb: Verb) -> Status | Refusal:
    """The status after `verb`, or why it cannot happen."""
    after = TRANSITIONS.get((status, verb))
    if after is not None:
        return after
    return Refusal(f"An incident that is {words(status)} cannot {verb.replace('_', ' ')}.")


def person_may(status: Status, verb: PersonVerb, *, acknowledged: bool, merged: bool = False) -> Refusal | None:
    """What a person can do from the incident page. None: allowed."""
    if verb == "acknowledge":
        if status in CLOSED:
            return Refusal("It is over; there is nothing to acknowledge.")
        return Refusal("Somebody has acknowledged it already.") if acknowledged else None
    if verb == "reopen":
        if merged:
            # Its alerts and all that will fire of them are there: nothing would ever resolve it.
            return Refusal("It was merged into another incident; go on there, or split its alerts off there.")
        return None if status in CLOSED else Refusal("It is still open.")
    if verb == "investigate":
        if status in CLOSED:
            return Refusal("It is over. Reopen it to investigate again.")
        if status == "investigating":
            return Refusal("An investigation is running.")
        return _committed(status)
    if status == "resolved":
        return Refusal("It is resolved already.")
    return _committed(status)


def _committed(status: Status) -> Refusal | None:
    if status in COMMITTED:
        return Refusal("An approved action is on its way; wait for its verification.")
    return None


def recovers(status: Status) -> Refusal | None:
    """May the source's own recovery resolve the incident? None: yes."""
    if status == "resolved":
        return Refusal("It is resolved already.")
    if status in COMMITTED:
        return Refusal("The recovery is noted; the running verification decides.")
    return None


def worse(one: Severity, other: Severity) -> Severity:
    """The more severe of the two."""
    return one if SEVERITY_ORDER[one] >= SEVERITY_ORDER[other] else other


def words(status: Status) -> str:
    """A status as one would say it."""
    return status.replace("_", " ")

"""Did it help? Only what is good at the end of the settle window counts; "cannot be told" is an answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from actions.verify import alerts, container, monitor
from actions.verify.kinds import Finding, Signals
from backend.action.kinds import ExecutionOutcome, Verification, VerificationCheck

PROBES = (alerts.probe, monitor.probe, container.probe)

# At first somebody is watching the page; later the source takes its time anyway.
FRESH = timedelta(seconds=60)
FRESH_LOOK_SECONDS = 1.0
LATER_LOOK_SECONDS = 10.0

_EXECUTION: dict[ExecutionOutcome, bool | None] = {"succeeded": True, "failed": False, "unknown": None}


@dataclass(frozen=True)
class Verdict:
    """The answer, and everything it rests on."""

    outcome: Verification
    checks: list[VerificationCheck]


def judge(signals: Signals, patience_seconds: float, now: datetime) -> Verdict | None:
    """The verdict, or None while it is too early.

    1. Something good has turned bad again: not recovered, at once.
    2. The settle window is still open, or a source that may yet answer has time left: too early.
    3. Anything bad: not recovered. Something decisive is good: recovered. Else it cannot be told.
    """
    findings = [finding for probe in PROBES if (finding := probe(signals)) is not None]
    checks = [_execution(signals), *(finding.check for finding in findings)]
    if any(finding.final for finding in findings):
        return Verdict("not_recovered", checks)
    settled_at = signals.finished_at + timedelta(seconds=signals.settle_seconds)
    if now < settled_at:
        return None
    if _is_bad(findings):
        return Verdict("not_recovered", checks)
    if any(finding.pending for finding in findings) and now < _deadline(signals, settled_at, patience_seconds):
        return None
    if any(finding.check.ok is False for finding in findings):
        return Verdict("not_recovered", checks)
    if any(finding.check.ok and finding.decisive for finding in findings):
        return Verdict("recovered", checks)
    return Verdict("not_recovered" if signals.outcome == "failed" else "inconclusive", checks)


def _is_bad(findings: list[Finding]) -> bool:
    return any(finding.check.ok is False and not finding.pending for finding in findings)


def _deadline(signals: Signals, settled_at: datetime, patience_seconds: float) -> datetime:
    """Until when a slow source is waited for. A failed execution is not waited for: nothing has changed."""
    if signals.outcome == "failed":
        return settled_at
    seconds = patience_seconds
    if signals.monitor is not None and not signals.alerts:
        seconds = monitor.patience_seconds(signals.monitor)
    return max(settled_at, signals.finished_at + timedelta(seconds=seconds))


def _execution(signals: Signals) -> VerificationCheck:
    said = {"succeeded": "The action was carried out.", "failed": "The action failed.", "unknown": "Not known."}
    detail = signals.said or said[signals.outcome]
    return VerificationCheck(name="execution", ok=_EXECUTION[signals.outcome], detail=detail)


def next_look_seconds(finished_at: datetime, now: datetime) -> float:
    """How long until it is worth looking again."""
    return FRESH_LOOK_SECONDS if now < finished_at + FRESH else LATER_LOOK_SECONDS

"""Is the monitored service up since the execution?"""

from actions.verify.kinds import CheckSeen, Finding, MonitorSeen, Signals
from backend.action.kinds import VerificationCheck
from backend.monitor.rules import LEASE_GRACE

NAME = "monitor"
# A check that is due may be a little late, and the lease of a checker that was killed must run out first.
SLACK_SECONDS = 5.0 + LEASE_GRACE.total_seconds()


def probe(signals: Signals) -> Finding | None:
    """None: no monitor. The first `up` after the execution counts, and it must still be up at the end of the window."""
    monitor = signals.monitor
    if monitor is None:
        return None
    seen = [check for check in monitor.checks if check.status != "unknown"]
    if not monitor.is_watching:
        return _says(None, f"Monitor {monitor.name} is paused or switched off.")
    if not seen:
        return _says(None, f"Monitor {monitor.name} has not checked it since.", pending=True)
    if seen[-1].status == "down":
        why = f": {seen[-1].error}" if seen[-1].error else ""
        return _says(False, f"Monitor {monitor.name} finds it down{why}.")
    ups = _ups_in_a_row(seen)
    if not signals.firing:
        return _says(True, f"Monitor {monitor.name} finds it up ({_times(ups)}).", decisive=True)
    # Its own threshold has not been reached yet: resolving now would leave a monitor that is down without an incident.
    if any(check.status == "down" for check in _since_first_up(seen)):
        return _says(None, f"Monitor {monitor.name} finds it up and down by turns.", pending=True)
    return _says(True, f"Monitor {monitor.name} finds it up ({_times(ups)}).", decisive=True, pending=True)


def patience_seconds(monitor: MonitorSeen) -> float:
    """How long a monitor takes to notice a recovery."""
    return monitor.interval_seconds * monitor.recovery_threshold + monitor.timeout_seconds + SLACK_SECONDS


def _since_first_up(seen: list[CheckSeen]) -> list[CheckSeen]:
    first = next(i for i, check in enumerate(seen) if check.status == "up")
    return seen[first:]


def _ups_in_a_row(seen: list[CheckSeen]) -> int:
    return next((n for n, check in enumerate(reversed(seen)) if check.status != "up"), len(seen))


def _times(count: int) -> str:
    return "one check since" if count == 1 else f"{count} checks in a row"


def _says(ok: bool | None, detail: str, *, decisive: bool = False, pending: bool = False) -> Finding:
    return Finding(VerificationCheck(name=NAME, ok=ok, detail=detail), decisive=decisive, pending=pending)

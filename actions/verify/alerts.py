"""Do the alerts behind the incident still fire?"""

from actions.verify.kinds import Finding, Signals
from backend.action.kinds import VerificationCheck

NAME = "alert"


def probe(signals: Signals) -> Finding | None:
    """None: there are no alerts. It takes a while until a recovery is reported, so a firing one is waited for."""
    if not signals.alerts:
        return None
    if not signals.firing:
        said = "The alert is resolved." if signals.alerts == 1 else f"All {signals.alerts} alerts are resolved."
        return Finding(VerificationCheck(name=NAME, ok=True, detail=said), decisive=True)
    said = (
        "The alert is still firing."
        if signals.alerts == 1
        else f"{signals.alerts_firing} of {signals.alerts} alerts are still firing."
    )
    return Finding(VerificationCheck(name=NAME, ok=False, detail=said), pending=True)

"""Alerts that fire as long as alerting works: they measure nothing but the way that they take to whoever is told."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import said
from backend.investigation.kinds import AlertFact, Citation

# As their authors describe them: they are meant to fire, or the whole of alerting is what they are about.
_MEANT = re.compile(
    r"(?:always|constantly|continuously|permanently) (?:be )?(?:firing|fires?\b|active|on\b)"
    r"|supposed to (?:always )?fire"
    r"|(?:entire|whole|complete|full|end.to.end) (?:alert\w*|notification|monitoring) ?(?:pipeline|chain|path|stack)"
    r"|(?:alert\w*|notification|monitoring) (?:pipeline|chain|path|stack) (?:is|works?|functions?)\b"
    r"|used to inhibit|inhibits? (?:info|other)|dead ?man'?s? ?s(?:witch|nitch)",
    re.IGNORECASE,
)
# Nobody is to be woken by it.
_NOBODYS = frozenset({"none", "info", "information", "informational", "null", "test", "low", ""})
# That it is missed is the very trouble that it is for.
_MISSED = re.compile(
    r"\b(?:no|not|missing|missed|absent|stopped|without|failed|silent|expired|lost|late|overdue)\b(?! affect)",
    re.IGNORECASE,
)
_ROUTE = re.compile(r"alertmanager|rout(?:e|es|ing)\b|receiver|watchdog|inhibit|silence", re.IGNORECASE)


def always_firing(facts: Facts) -> Finding | None:
    """Nothing is reported but such alerts; what else is found meanwhile is not what anybody was told of."""
    alerts = [alert for alert in facts.case.alerts if alert.status == "firing"]
    if not alerts or not all(_is_meant(alert) for alert in alerts) or facts.monitor is not None or facts.alert is None:
        return None
    first = alerts[0]
    told = next(text for text in _told(first) if _MEANT.search(text)).split("\n")[0].strip()
    changed = [line for line in facts.changes if line.at and _ROUTE.search(line.message)]
    why = f" Why it is told now: {said(changed[-1], 200)}." if changed else ""
    quote = Citation(evidence=facts.alert.evidence, quote=told[:300], note="what the alert is for")
    return Finding(
        category="healthy",
        statement=f"{first.name} fires as long as alerting works, and measures nothing: {told.rstrip('.')}. Send it to"
        f" a receiver that only misses it, and to nobody who is on call.{why}",
        supporting=[quote, *(line.cite("why it is told now") for line in changed[-1:])],
        strength="strong",
        disproof="Read the rule: an expression that can become false would make it an alert about something.",
    )


def _is_meant(alert: AlertFact) -> bool:
    """Does it say so itself, of no service, and to wake nobody?"""
    severity = alert.labels.get("severity", "").lower()
    return severity in _NOBODYS and any(_MEANT.search(text) and not _misses(text) for text in _told(alert))


def _told(alert: AlertFact) -> list[str]:
    return [*alert.annotations.values(), alert.name]


def _misses(text: str) -> bool:
    """Is it about the alert that did not come? Only its first sentence says what it is; the next ones explain."""
    return _MISSED.search(re.split(r"[.\n]", text, maxsplit=1)[0]) is not None

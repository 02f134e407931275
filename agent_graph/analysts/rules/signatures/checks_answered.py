"""Taken out by a balancer for what they answer: who says "not found" to a check is there, and is asked wrongly."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, trouble_signals

# HAProxy, Traefik, the clouds' balancers, Apache, Envoy: the check, and the status that came. A 5xx is trouble's own;
# who sends the check on to where users are to go is as much there as who does not know the path.
_ANSWERED = re.compile(
    r"(?:health ?-?checks?|Layer7 wrong status)\b.{0,120}?\b(?:status|codes?|status_?code)\b\W{1,4}([34]\d\d)\b",
    re.IGNORECASE,
)
_UP_AGAIN = re.compile(r"\bis UP\b|health ?-?check (?:passed|succeeded)|now healthy|became healthy", re.IGNORECASE)


def checks_answered(facts: Facts) -> Finding | None:
    """All that is said against who stands behind it is the status that its check got."""
    lines = [line for line in [*facts.lines, *facts.around] if line.at is not None and _ANSWERED.search(line.message)]
    until = max((line.at for line in lines if line.at), default=None)
    signals = trouble_signals(facts)
    if until is None or not signals:
        return None
    if any(line.at and line.at > until and _UP_AGAIN.search(line.message) for line in [*facts.lines, *facts.around]):
        return None
    found = _ANSWERED.search(lines[0].message)
    status = found[1] if found else ""
    return Finding(
        category="probe_failure",
        statement=f"{name(facts)} takes servers out for a health check that they answer with {status}: they are "
        f"there, and do not offer what the check asks for. {said(lines[0], 300)}.",
        supporting=[*log_citations(lines), *signals[:3]],
        strength="strong",
        onset=first_at(lines),
        disproof="Ask for the path of the check by hand, and for one that users ask for: both failing rules it out.",
        explains=frozenset({"dependency_failure", "network_error"}),
        rooted=True,
    )

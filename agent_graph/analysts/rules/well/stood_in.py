"""Who wants no replica because another one runs in its place, of the other colour or a copy, is missed by nobody."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from backend.investigation.kinds import Category

# What a rule says that only misses it. What users see of the one in its place is another matter.
_MISSING = re.compile(
    r"replicas?|\bdown\b|target.?down|absent|missing|unavailable|no (?:\w+ )?pods?|not running", re.IGNORECASE
)
_USERS = re.compile(r"5xx|4xx|error|latency|slo\b|burn|probe|synthetic|requests", re.IGNORECASE)
# As the platform's state is read.
_INSTEAD = "runs in its place"


def only_missed(facts: Facts) -> bool:
    """Do the alerts only say that it is not there?"""
    said = " ".join(f"{alert.name} {' '.join(alert.annotations.values())}" for alert in facts.case.alerts)
    return bool(_MISSING.search(said)) and not _USERS.search(said)


def stood_in(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """The alert only misses it, the other one is ready in full, and nobody complains."""
    signs = [s for s in facts.signs_of("healthy", "strong") if s.quote.endswith(_INSTEAD)]
    if not signs or not only_missed(facts) or likely or trouble_signals(facts) or complains(facts):
        return None
    changes = [c for c in facts.changes if signs[0].subject.lower() in c.text.lower()][-1:]
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is not missed: {signs[0].means}.",
        supporting=[signs[0].cite("it wants none"), *(c.cite("done on purpose") for c in changes)],
        strength="strong",
        disproof="Ask the service as users do: no answer, and nothing stands in for it.",
    )

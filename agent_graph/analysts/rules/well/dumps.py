"""A transaction that is long because it is a backup's: it reads everything once, and nobody waits for it."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

# What alerts about a long transaction or statement say.
LONG = re.compile(
    r"long.?(?:running|lasting|lived)?.{0,20}(?:transaction|query|queries|statement|xact)"
    r"|transaction.{0,30}(?:open|long|age)",
    re.IGNORECASE,
)
# A dump reads every table from end to end, and no index can help it.
_LOOKS_LIKE: frozenset[Category] = frozenset({"slow_query"})
_SCANS = "sequential scans"


def reads_for_backup(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """The alert is about a long transaction, only a backup has one, and nobody waits or complains."""
    alerts, runs = facts.case.alerts, facts.signs_of("backup")
    if not alerts or not all(LONG.search(f"{a.name} {' '.join(a.annotations.values())}") for a in alerts):
        return None
    others = [c for c in trouble_signals(facts) if _SCANS not in c.quote]
    if not runs or others or set(likely) - _LOOKS_LIKE or facts.signs_of("lock_contention") or complains(facts):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is being backed up, and nobody waits for it: {runs[0].means}.",
        supporting=[*(s.cite("the backup at work") for s in runs[:2]), *good_signs(facts)[:3]],
        strength="strong",
        disproof="Look whether anybody waits for a lock, and whether it takes longer than the last ones did.",
    )

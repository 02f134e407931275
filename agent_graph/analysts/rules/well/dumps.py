"""A transaction that is long because it reads all once, a backup's or the server's own, and nobody waits for it."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, Metric
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
# How old the oldest transaction is that is not frozen; at two thousand million the server stops.
_UNFROZEN, _TOO_OLD = re.compile(r"frozenxid|wraparound|xid_age|minmxid", re.IGNORECASE), 1_000_000_000


def reads_for_backup(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """The alert is about a long transaction, only a backup or a cleaner of the server's own has one, and nobody waits
    or complains."""
    alerts, backups, upkeep = facts.case.alerts, facts.signs_of("backup"), facts.signs_of("upkeep")
    if not alerts or not all(LONG.search(f"{a.name} {' '.join(a.annotations.values())}") for a in alerts):
        return None
    others = [c for c in trouble_signals(facts) if _SCANS not in c.quote]
    runs = [*backups, *upkeep]
    if (
        not runs
        or others
        or any(map(_runs_out, facts.metrics))
        or set(likely) - _LOOKS_LIKE
        or facts.signs_of("lock_contention")
        or complains(facts)
    ):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} {'is being backed up' if backups else 'cleans its own tables'}, and nobody waits for"
        f" it: {runs[0].means}.",
        supporting=[*(s.cite("at work") for s in runs[:2]), *good_signs(facts)[:3]],
        strength="strong",
        disproof="Look whether anybody waits for a lock, and whether it takes longer than the last ones did.",
    )


def _runs_out(metric: Metric) -> bool:
    return _UNFROZEN.search(metric.line.partition(": ")[0]) is not None and metric.last >= _TOO_OLD

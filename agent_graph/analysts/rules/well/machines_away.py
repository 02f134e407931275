"""A machine that is away as announced misses only what runs on each machine: nobody is to bring it back before."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from backend.investigation.kinds import Category, Citation

_LOOKS_LIKE: frozenset[Category] = frozenset({"node_failure", "scheduling_failure"})
# One on each machine: who is away takes no more than its own with it.
_ON_EACH = re.compile(r"^daemonset \S+: (\d+) of (\d+) replicas ready")


def machines_away(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Each machine that is gone was announced for these hours, and no more is missing than what ran on them."""
    gone = [s for s in facts.signs_of("node_failure", "proof") if s.source == "kubernetes"]
    told = {one["name"]: one["line"] for one in facts.platform.get("away", [])}
    if not gone or set(likely) - _LOOKS_LIKE or any(s.subject not in told for s in gone) or complains(facts):
        return None
    away = {sign.subject for sign in gone}
    if not all(_of_them(signal, away) for signal in trouble_signals(facts)):
        return None
    line = told[gone[0].subject]
    said = next((c for c in facts.changes if line.endswith(c.message)), None)
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is complete but for what ran on {', '.join(sorted(away))}, away as announced:"
        f" {line[:300].rstrip('.')}.",
        supporting=[gone[0].cite("it is away"), *([said.cite("it was announced")] if said else [])],
        strength="strong",
        disproof="Look again when the announced hours are over: still away then, it would be an incident.",
    )


def _of_them(signal: Citation, away: set[str]) -> bool:
    if any(re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", signal.quote) for one in away):
        return True
    found = _ON_EACH.match(signal.quote)
    return found is not None and int(found[2]) - int(found[1]) <= len(away)

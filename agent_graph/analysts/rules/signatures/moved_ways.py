"""What was served is not found any more, from just after the way to it was changed: it is asked for by another path."""

import re
from datetime import timedelta

from agent_graph.analysts.rules.change_kinds import is_release
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said
from agent_graph.sources.signs import aliases, belongs

# What stands between users and a service.
_WAY = re.compile(
    r"ingress|\broutes?\b|http-?route|virtual-?service|gateway|rewrit|redirect|\bprox(?:y|ies)\b|nginx|traefik|haproxy"
    r"|envoy|\bpaths?\b|prefix|middleware|\bcdn\b|load.?balanc|\blocation\b|\bwaf\b",
    re.IGNORECASE,
)
# A release brings its own paths: that is another story.
_BEFORE, _SLACK = timedelta(minutes=15), timedelta(minutes=1)


def moved(facts: Facts) -> Finding | None:
    """Most of what was served is refused, and the way was changed just before."""
    lost = next((s for s in facts.signs_of("trouble") if s.source == "requests" and s.at), None)
    if lost is None or lost.at is None:
        return None
    near = [c for c in facts.changes if c.at and lost.at - _BEFORE <= c.at <= lost.at + _SLACK and _of_way(c, facts)]
    if not near:
        return None
    alert = [facts.alert] if facts.alert else []
    what = f"{name(facts)} is asked for what it does not have, since the way to it was changed"
    return Finding(
        category="config_error",
        statement=f"{what}: {said(near[-1])}; {lost.means}.",
        supporting=[lost.cite("served before"), near[-1].cite("just before it"), *alert],
        strength="strong",
        onset=lost.at,
        rooted=True,
        disproof="Ask for the same thing past what stands before it: refused there too, the way is not to blame.",
    )


def _of_way(change: LogLine, facts: Facts) -> bool:
    own = any(belongs(part, aliases(facts.case)) for part in re.split(r"[/\s:@,]+", change.message) if part)
    return _WAY.search(change.message) is not None and not (own and is_release(change.message))

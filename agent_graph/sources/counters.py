"""Which series are counters, by their names and by never falling: of these only how fast they grow says something."""

import re
from collections.abc import Sequence
from itertools import pairwise

from agent_graph.sources.courses import monotonic
from agent_graph.sources.series import Series

# What is asked, answered or failed is counted where it is not said to be so at this moment.
_COUNTED = re.compile(r"(?:requests|responses|retries|hits|misses|errors|failures|rq_?(?:[1-5]?xx|total|time)?)$")
_AT_A_TIME = re.compile(r"active|flight|pending|queue|wait|current|concurren|open|per_|rate|ratio|:|last|max|limit")


def counted(name: str, group: Sequence[Series]) -> bool:
    """Is it a counter? By its name, and by never falling. A gauge may be called a count: counters grow all the time."""
    if name.endswith("_total") or re.search(r"netstat_|vmstat_p|_snmp_|Segs$|Drops$|Overflows$", name):
        return all(monotonic(s) for s in group)
    if re.search(r"(?:seconds|duration|latency|requests?|bytes|size)(?:_\w+)?_count$", name):
        # Of a histogram: kinds that nobody asks for stand still.
        return all(monotonic(s) for s in group) and any(_grows(s) for s in group)
    if _COUNTED.search(name) and not _AT_A_TIME.search(name):
        # Kinds that came up only now stand still before; who asks all the time lets another of them grow.
        return all(monotonic(s) for s in group) and any(_grows(s) for s in group)
    return name.endswith("_count") and all(monotonic(s) and _grows(s) for s in group)


def _grows(series: Series) -> bool:
    steps = [b[1] - a[1] for a, b in pairwise(series.points)]
    return sum(step > 0 for step in steps) >= len(steps) / 2

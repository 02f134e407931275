"""Which measured series the alert speaks of: a reader wants to see how they stand, whatever the conclusion is."""

import re

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.logs.humps import apart

_WORD = re.compile(r"[^\W\d_]{3,}")
_TOLD = ("description", "summary", "message")
# Said of how a thing is measured, not of what is.
_OF_MEASURES = frozenset(
    (
        "total",
        "rate",
        "seconds",
        "bytes",
        "count",
        "sum",
        "avg",
        "max",
        "min",
        "ratio",
        "bucket",
        "info",
        "the",
        "and",
        "for",
    )
)
# One word is shared by chance.
_FEWEST = 2


def named_by_alert(facts: Facts) -> list[Metric]:
    """Those that share at least two words with what the alert says, the most first; `up` and its like share one."""
    said: set[str] = set()
    for alert in facts.case.alerts:
        texts = [alert.name, *(alert.annotations.get(key, "") for key in _TOLD), *alert.labels.values()]
        said |= _words(" ".join(texts))
    shared = {id(m): len(_words(f"{m.name} {' '.join(m.labels.values())}") & said) for m in facts.metrics}
    named = [m for m in facts.metrics if shared[id(m)] >= _FEWEST and _words(m.name) & said]
    return sorted(named, key=lambda m: -shared[id(m)])


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(apart(text)) if word not in _OF_MEASURES}

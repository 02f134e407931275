"""Busy with its own upkeep: an array checked, shards or partitions moved; all copies are there, nobody suffers."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import AlertFact, Category

# What upkeep of stores is measured by while it runs. Healing and recovering is none: something was lost before.
_UPKEEP = (
    (re.compile(r'^node_md_state\{.*state="check"'), "an array is checked from end to end"),
    (re.compile(r"^\w*(?:scrub\w*_(?:running|active|in_progress)|pg_scrubbing|pg_deep\w*)\b"), "it is scrubbed"),
    (re.compile(r'^\w*relocating_shards|^\w*shards\w*\{.*"relocating"'), "shards move to where there is room"),
    (re.compile(r"^\w*reassigning_?partitions", re.IGNORECASE), "partitions are moved"),
    (re.compile(r"^\w*rebalanc\w*_(?:running|active|in_progress|status)\b"), "it is rebalanced"),
)
# What an alert about the work itself speaks of: how busy it is, and not how its users are.
_BUSY = re.compile(
    r"\bdisk.{0,20}(?:\bio|utili|writ|read|queue|satur|busy|through)|\bi/?o\b.{0,12}(?:queue|utili|satur|wait|time|high)"
    r"|iowait|\bcpu\b|\bload\b|network.{0,16}(?:through|bandwidth|traffic|utili)",
    re.IGNORECASE,
)
# A copy that is not there, or not whole: then the work is a repair.
_LOST = re.compile(
    r"(?<![a-z])(?:un_?assigned|failed|degraded|offline|inactive|undersized|recover(?:ing|y)|resync|missing|stuck|lost)"
    r"|underminisr|broken|spare_?rebuild",
    re.IGNORECASE,
)


def upkeep(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """The alerts say that it is busy, what it does is measured, nothing is lost, and all that is measured is well."""
    told = [f"{re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', a.name)} {' '.join(a.annotations.values())}" for a in _firing(facts)]
    work = next(((m, what) for found, what in _UPKEEP for m in facts.metrics if found.search(m.line) and m.last), None)
    if work is None or not told or not all(_BUSY.search(text) for text in told):
        return None
    whole = [m.cite("nothing is lost") for m in facts.metrics if _counts_lost(m) and not any(v for _, v in m.points)]
    good = [*good_signs(facts), *whole[:1]]
    if not good or likely or trouble_signals(facts) or complains(facts) or any(map(_lost, facts.metrics)):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is busy with its own upkeep, and nothing is lost: {work[1]}.",
        supporting=[work[0].cite("what it is at"), *good[:3]],
        strength="strong",
        disproof="Look whether it goes on, and at who uses it: standing still, or slow users, would be an incident.",
    )


def _firing(facts: Facts) -> list[AlertFact]:
    return [alert for alert in facts.case.alerts if alert.status == "firing"]


def _lost(metric: Metric) -> bool:
    return metric.last > 0 and _counts_lost(metric)


def _counts_lost(metric: Metric) -> bool:
    return _LOST.search(metric.line.split(": ")[0]) is not None

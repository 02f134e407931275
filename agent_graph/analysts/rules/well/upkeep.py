"""Busy with its own upkeep: an array checked, shards or partitions moved; all copies are there, nobody suffers."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from agent_graph.sources.signs import aliases
from backend.investigation.kinds import AlertFact, Category, Citation

# What upkeep of stores is measured by while it runs. Healing and recovering is none: something was lost before.
_UPKEEP = (
    (re.compile(r'^node_md_state\{.*state="check"'), "an array is checked from end to end"),
    (re.compile(r"^\w*(?:scrub\w*_(?:running|active|in_progress)|pg_scrubbing|pg_deep\w*)\b"), "it is scrubbed"),
    (re.compile(r'^\w*relocating_shards|^\w*shards\w*\{.*"relocating"'), "shards move to where there is room"),
    (re.compile(r"^\w*reassigning_?partitions", re.IGNORECASE), "partitions are moved"),
    (re.compile(r"^\w*rebalanc\w*_(?:running|active|in_progress|status)\b"), "it is rebalanced"),
)
# What waits to be merged grows by itself where it is not kept up with: only work that was registered makes it upkeep.
_MERGED = (re.compile(r"^\w*(?:compactions?_\w*pending|pending_?compaction)\w*"), "what is stored is merged anew")
# The work itself, in the words of an alert, and what it is registered as.
_WORK = re.compile(r"relocat|reassign|re-?balanc|compact|scrub|\bmerg", re.IGNORECASE)
_REGISTERED = re.compile(
    r"(?:maintenance|schedul\w*|plan\w*|scal\w*|platform|upkeep|job|cron\w*|announce\w*)\b"
    r"|(?!\w*deploy|release|config|rollout).{0,300}(?:re-?balanc|reassign|repair|scrub|compact|\bmerg)",
    re.IGNORECASE,
)
_LONG, _STILL_RISING = timedelta(hours=2), 1.3
# What an alert about it speaks of: how busy it is, and not how its users are.
_BUSY = re.compile(
    r"\bdisk.{0,20}(?:\bio|utili|writ|read|queue|satur|busy|through)|\bi/?o\b.{0,12}(?:queue|utili|satur|wait|time|high)"
    r"|iowait|\bcpu\b|\bload\b|network.{0,16}(?:through|bandwidth|traffic|utili)",
    re.IGNORECASE,
)
# What an alert says that finds it in another state than usual, and labels that many things of one machine share.
_STATE = re.compile(r"\bnot (?:\w+ ){0,2}(?:idle|active|clean|online)\b|\bstate (?:is|changed|of)\b", re.IGNORECASE)
_COUNTED = re.compile(r"failed|missing|degraded|un_?assigned|offline|lost", re.IGNORECASE)
_PLACE = {"instance", "job", "host", "node", "cluster", "env"}
# A copy that is not there, or not whole: then the work is a repair.
_LOST = re.compile(
    r"(?<![a-z])(?:un_?assigned|failed|degraded|offline|inactive|undersized|recover(?:ing|y)|resync|missing|stuck|lost)"
    r"|underminisr|broken|spare_?rebuild",
    re.IGNORECASE,
)


def upkeep(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """The alerts say that it is busy, what it does is measured, nothing is lost, and all that is measured is well.

    An alert about the work itself asks why it is done, or why it takes so long: then somebody must have registered it.
    An alert that it is in another state than usual is answered by which state that is, where the lost are counted.
    """
    asked = _registered(facts)
    work = work_of(facts, merged=asked is not None)
    whole = [m.cite("nothing is lost") for m in facts.metrics if _counts_lost(m) and not any(v for _, v in m.points)]
    if work is None or not _answers(work[0], facts, whole, registered=asked is not None):
        return None
    good = [*good_signs(facts), *whole[:1]]
    trouble = [cite for cite in trouble_signals(facts) if not asked or cite.quote != work[0].cite().quote]
    if not good or likely or trouble or complains(facts) or any(map(_lost, facts.metrics)) or _rises(work[0]):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is busy with its own upkeep, and nothing is lost: {work[1]}"
        f"{f', as was registered: {said(asked, 200)}' if asked else ''}.",
        supporting=[work[0].cite("what it is at"), *([asked.cite("it was registered")] if asked else []), *good[:3]],
        strength="strong",
        disproof="Look whether it goes on, and at who uses it: standing still, or slow users, would be an incident.",
    )


def _answers(work: Metric, facts: Facts, whole: Sequence[Citation], *, registered: bool) -> bool:
    """Is what is done all that the alerts are about?"""
    alerts, counted = _firing(facts), any(_COUNTED.search(cite.quote) for cite in whole)
    told = [(alert, _words(alert)) for alert in alerts]
    busy = [_BUSY.search(said) or (registered and _WORK.search(said)) for _, said in told]
    return bool(told) and all(
        known or (counted and _is_its_state(work, alert, said)) for known, (alert, said) in zip(busy, told, strict=True)
    )


def work_of(facts: Facts, *, merged: bool = False) -> tuple[Metric, str] | None:
    """What is measured of upkeep that runs now, and what that is."""
    kinds = [*_UPKEEP, *([_MERGED] if merged else [])]
    return next(((m, what) for found, what in kinds for m in facts.metrics if found.search(m.line) and m.last), None)


def _words(alert: AlertFact) -> str:
    return f"{re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', alert.name)} {' '.join(alert.annotations.values())}"


def _is_its_state(work: Metric, alert: AlertFact, told: str) -> bool:
    """Is the alert about the state of the very array or pool that is at it, and of no other?"""
    both = [key for key in work.labels if key in alert.labels and key != "state"]
    same = all(work.labels[key] == alert.labels[key] for key in both) and bool(set(both) - _PLACE)
    return same and (work.name in told or _STATE.search(told) is not None)


def _firing(facts: Facts) -> list[AlertFact]:
    return [alert for alert in facts.case.alerts if alert.status == "firing"]


def _registered(facts: Facts) -> LogLine | None:
    """What was begun for it shortly before, by a person or a plan."""
    began = facts.case.started_at
    told = [*aliases(facts.case), *(value for alert in facts.case.alerts for value in alert.labels.values())]
    names = {part.lower() for one in told for part in re.split(r"[/:]", one) if len(part) > 2}
    near = [c for c in facts.changes if c.at is not None and began - _LONG <= c.at <= began]
    of_it = [c for c in near if names & set(re.split(r"[/:\s]+", c.message.partition(": ")[0].lower()))]
    return next((c for c in reversed(of_it) if _REGISTERED.match(c.message)), None)


def _rises(metric: Metric) -> bool:
    """Is there more and more to do? Then it is not kept up with, whoever began it."""
    values = [value for _, value in metric.points]
    late = max(1, len(values) // 6)
    return max(values[-late:]) > _STILL_RISING * max(values[:-late], default=values[-1])


def _lost(metric: Metric) -> bool:
    return metric.last > 0 and _counts_lost(metric)


def _counts_lost(metric: Metric) -> bool:
    return _LOST.search(metric.line.split(": ")[0]) is not None

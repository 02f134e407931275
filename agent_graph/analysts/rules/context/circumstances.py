"""What else was to be seen about then, quoted beside the conclusion: what a reader would look for next.

The conclusion does not rest on it. It is the alert's own words, what was changed, one of each kind of thing its
platform noticed, what its measurements did, the lines that were said for the first time as it began, and what is
hardly ever said.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median_low

from agent_graph.analysts.rules.context.asked_about import named_by_alert
from agent_graph.analysts.rules.facts import QUOTE_LIMIT, Facts, LogLine, Metric
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import says_nothing
from agent_graph.logs.meaning import meaning_of
from agent_graph.logs.words import ominous, taken_back
from agent_graph.safety.claims import SHORTEST_QUOTE
from backend.investigation.kinds import ABOUT_THEN, Citation, Evidence

_CHANGES, _SIGNS, _LINES, _RARE, _METRICS, _CAME, _NAMED = 2, 4, 4, 3, 1, 2, 3
_CHANGED, _BEFORE, _AFTER = timedelta(hours=3), timedelta(minutes=30), timedelta(minutes=45)
_SAID = timedelta(minutes=5)
# What is said more often than this is no event.
_HARDLY_EVER = 5
_OF_A_TRACE = re.compile(r"\s{2}(?:at \S|File \"|\.{3} \d)")
# New as it began, not at any time.
_AT_ONCE = timedelta(minutes=3)
_WEIGHTS = {"proof": 0, "strong": 1, "weak": 2}
# What is said of nothing in particular.
_NO_KIND = ("healthy", "trouble", "planned", "other_off")
_TOLD = ("description", "summary", "message")


def circumstances(known: Sequence[Citation], facts: Facts, evidence: Sequence[Evidence]) -> list[Citation]:
    """What is known, then what else was seen, each once."""
    began = _began(facts)
    quotes = [citation.quote for citation in known]
    found: list[Citation] = []
    for cite in _seen(facts, began, evidence):
        if len(cite.quote) >= SHORTEST_QUOTE and not any(
            cite.quote in quote or quote in cite.quote for quote in quotes
        ):
            quotes.append(cite.quote)
            found.append(cite.model_copy(update={"note": ABOUT_THEN}))
    return [*known, *found]


def _began(facts: Facts) -> datetime:
    """When the first thing was measured or noticed that led to the alert; alerts wait before they fire."""
    started = facts.case.started_at
    moved = [m.change_at for m in facts.metrics if m.change_at]
    noticed = [s.at for s in facts.signs if s.at and s.weight != "weak" and s.category not in (*_NO_KIND, "bad_deploy")]
    return min((at for at in [*moved, *noticed] if started - _BEFORE <= at <= started), default=started)


def _seen(facts: Facts, began: datetime, evidence: Sequence[Evidence]) -> Iterator[Citation]:
    yield from _alert(facts, evidence)
    yield from (metric.cite() for metric in named_by_alert(facts)[:_NAMED])
    near = [change for change in facts.changes if change.at and began - _CHANGED <= change.at <= facts.case.now]
    yield from (c.cite() for c in sorted(near, key=lambda c: abs((c.at or began) - began))[:_CHANGES])
    yield from _noticed(facts)
    yield from (line.cite() for line in _new_lines(facts, began))
    yield from (line.cite() for line in _rarely_said(facts, began)[:_RARE])
    moved = [m for m in facts.metrics if m.change_at and abs(m.change_at - began) <= _BEFORE]
    yield from (m.cite() for m in sorted(moved, key=lambda m: abs((m.change_at or began) - began))[:_METRICS])
    # Where nothing moved for good, what went and came back is what there is to be seen.
    came = [metric for metric in facts.metrics if not moved and _went_and_came(metric, began)]
    yield from (metric.cite() for metric in came[:_CAME])


def _went_and_came(metric: Metric, began: datetime) -> bool:
    """Was it at one level but for a while about then? What is never twice the same has no level that it could leave."""
    values = [value for _, value in metric.points]
    level = median_low(values)
    away = [at for at, value in metric.points if value != level]
    near = any(abs(at - began.timestamp()) <= _BEFORE.total_seconds() for at in away)
    return near and values[0] == level == values[-1] and 2 * len(away) < len(values)


def _alert(facts: Facts, evidence: Sequence[Evidence]) -> Iterator[Citation]:
    """What the alert says in its own words, as they were kept: cleaned, and without secrets."""
    label = facts.alert.evidence if facts.alert is not None else None
    content = next((found.content for found in evidence if found.label == label), "")
    told = next((said for key in _TOLD if (said := re.search(rf"^ {{2}}{key}: *(\S.*)$", content, re.MULTILINE))), None)
    if label is not None and told is not None:
        yield Citation(evidence=label, quote=told[1][:QUOTE_LIMIT].strip())


def _noticed(facts: Facts) -> Iterator[Citation]:
    """The weightiest of each kind of trouble that was seen, whoever saw it."""
    kinds = {s.category: s for s in sorted(facts.signs, key=lambda s: -_WEIGHTS.get(s.weight, 3))}
    best = [s for category, s in kinds.items() if category not in _NO_KIND]
    yield from (s.cite() for s in sorted(best, key=lambda s: _WEIGHTS.get(s.weight, 3))[:_SIGNS])


def _rarely_said(facts: Facts, began: datetime) -> list[LogLine]:
    """The first line of each kind about then, whatever it tells: the rarest kind first. What work goes on
    is said in such lines."""
    first: dict[str, LogLine] = {}
    shown: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for line in [*facts.lines, *facts.around]:
        kind = kind_of(line)
        shown[kind] += 1
        counted[kind] = max(counted[kind], line.count, shown[kind])
        then = line.at is not None and began - _SAID <= line.at <= began + _AFTER
        if then and not taken_back(line.text) and not says_nothing(line) and not _OF_A_TRACE.search(line.text):
            first.setdefault(kind, line)
    rare = [kind for kind in first if counted[kind] <= _HARDLY_EVER]
    rare.sort(key=lambda kind: (counted[kind], abs((first[kind].at or began) - began)))
    return [first[kind] for kind in rare]


def _new_lines(facts: Facts, began: datetime) -> list[LogLine]:
    """The first line of each kind that was not heard before; the loudest, and those that came just then."""
    first: dict[str, LogLine] = {}
    lines = [line for line in [*facts.lines, *facts.around] if line.at is not None]
    for line in sorted(lines, key=lambda line: line.at or began):
        first.setdefault(kind_of(line), line)
    new = [line for line in first.values() if line.at and began - _BEFORE <= line.at <= began + _AFTER]
    new = [line for line in new if not taken_back(line.text) and not says_nothing(line)]
    weighed = [(_weight(line, facts, began), line) for line in new]
    chosen = sorted((one for one in weighed if one[0] > 1), key=lambda one: (-one[0], -one[1].count))
    # Asked last: reading the meaning of a line takes the longest.
    told = (line for _, line in chosen[: 4 * _LINES] if not meaning_of(line.text).harmless)
    return sorted([line for line, _ in zip(told, range(_LINES), strict=False)], key=lambda line: line.at or began)


def _weight(line: LogLine, facts: Facts, began: datetime) -> int:
    heard = facts.heard_since is not None and line.at is not None and line.at - facts.heard_since > _AT_ONCE
    just_then = heard and line.at is not None and abs(line.at - began) <= _AT_ONCE
    # What is only warned of since the log begins was always warned of.
    warns = heard and (line.level == "warning" or ominous(line.text))
    loud = 3 if line.is_error else 2 if warns else 0
    return loud + 2 * just_then + (not line.speaker)

"""A queue that somebody holds on purpose: it is paused, somebody said until when, and everything else is done."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

_PAUSED = re.compile(r"paus|suspend|on_?hold|\bheld\b|quiet", re.IGNORECASE)
# Somebody who says for how long has not forgotten it.
_UNTIL = re.compile(r"(?:paus|suspend|hold|held).{0,80}\b(?:until|till)\b|\bnot before\b", re.IGNORECASE)
_QUEUE = re.compile(r'\b(?:queue|topic|subscription|consumer_?group|pipeline|name)="([^"]+)"')
_SAID_WITHIN = timedelta(days=3)


def held_on_purpose(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All that waits, waits in what is paused, and who paused it said until when."""
    paused = [m for m in facts.metrics if _PAUSED.search(m.name) and m.last == 1]
    queues = {queue: m for m in paused if (queue := _queue(m.line))}
    troubled = [c for c in trouble_signals(facts) if _queue(c.quote) not in queues]
    if not queues or troubled or likely or complains(facts):
        return None
    words = [line for line in [*facts.changes, *facts.lines, *facts.around] if _says(line, facts)]
    words = [line for line in words if any(queue.lower() in line.text.lower() for queue in queues)]
    if not words or not _waits(facts, queues):
        return None
    queue, metric = next(iter(queues.items()))
    return Finding(
        category="healthy",
        statement=f"{name(facts)} works; {queue} is held on purpose: {said(words[0], 240)}.",
        supporting=[
            metric.cite("it is paused"),
            *(line.cite("who holds it, and until when") for line in words[:2]),
            *good_signs(facts)[:2],
        ],
        strength="strong",
        disproof="Look again when the time that was given is over: still held then, it was forgotten.",
    )


def _queue(line: str) -> str | None:
    found = _QUEUE.search(line)
    return found[1] if found else None


def _says(line: LogLine, facts: Facts) -> bool:
    recent = line.at is None or line.at >= facts.case.started_at - _SAID_WITHIN
    return recent and _UNTIL.search(line.text) is not None


def _waits(facts: Facts, queues: dict[str, Metric]) -> bool:
    """Is there anything else that waits in them?"""
    held = [m for m in facts.metrics if _queue(m.line) in queues and m not in queues.values()]
    return any(metric.last > 0 for metric in held)

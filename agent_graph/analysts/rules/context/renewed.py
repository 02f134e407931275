"""Why what ran out was not renewed in time, or not loaded: what whoever renews it said last."""

import re
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.sources import renewals

_TOGETHER = timedelta(minutes=1)
# What is said on every day on which nothing is to be done; it tells only until when the newest one is valid.
_IDLE = re.compile(r"\bnot (?:yet )?due\b|no renewals were|\bskipp|(?<!un)successful|\bno action", re.IGNORECASE)


def renewals_of(facts: Facts) -> list[LogLine]:
    """The last complaint of it, and what came of the last try; the complaint first."""
    bad, done = complaints_of_renewal(facts, facts.case.started_at)
    loud = [line for line in bad if line.is_error] or bad
    # Of what was said at the last time, the first says most.
    last = [line for line in loud if line.at and loud[-1].at and loud[-1].at - line.at <= _TOGETHER][:1]
    return [*last, *done[-1:]]


def complaints_of_renewal(facts: Facts, before: datetime) -> tuple[list[LogLine], list[LogLine]]:
    """What was said of it before then: the complaints, and the rest; each in its order."""
    told = [line for line in [*facts.around, *facts.lines] if line.at and renewals.tells(line.text)]
    told = [line for line in told if line.at and line.at < before]
    told.sort(key=lambda line: line.at or before)
    bad = [line for line in told if line.is_bad and not _IDLE.search(line.text)]
    return bad, [line for line in told if line not in bad]

"""Runs that end well by themselves: by a timetable, where the next is not overdue, or as old as they are set to get."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from agent_graph.analysts.rules.facts import Container, LogLine
from agent_graph.sources.lifetimes import Life

_STARTED, _DIED = re.compile(r"\bstart$"), re.compile(r"\bdie exitCode=(\d+)")
_ASKED = re.compile(r"\bkill\b|\boom\b|\brestart$")
_RUNS, _RENEWED = 3, 2
# A timetable keeps its steps; who is started because it ended begins again at once.
_STEADY, _LATE, _LEAST_SECONDS = 1.35, 1.5, 45.0


def with_regular_runs(container: Container, events: Sequence[LogLine], now: datetime) -> Container:
    """The container, marked where it is work with an end that ran as steadily before, and well each time."""
    data = container.data
    if not data.get("of_target") or data.get("status") != "exited" or container.exit_code or container.oom_killed:
        return container
    if any(_ASKED.search(event.text) for event in events):
        return container
    codes = [int(found[1]) for event in events if (found := _DIED.search(event.text))]
    starts = [event.at for event in events if event.at is not None and _STARTED.search(event.text.strip())]
    steps = [(later - earlier).total_seconds() for earlier, later in pairwise(starts)]
    if len(codes) < _RUNS or any(codes) or len(steps) < _RUNS - 1 or min(steps) < _LEAST_SECONDS:
        return container
    steady = max(steps) <= _STEADY * min(steps) and (now - starts[-1]).total_seconds() <= _LATE * max(steps)
    return replace(container, data={**data, "done": True}) if steady else container


def with_renewals(container: Container, events: Sequence[LogLine]) -> Container:
    """The container, marked with how long it is set to live where each of its runs ended well after just that time."""
    data = container.data
    if not data.get("of_target") or not container.running or any(_ASKED.search(event.text) for event in events):
        return container
    codes = [int(found[1]) for event in events if (found := _DIED.search(event.text))]
    runs = list(_runs(events))
    for seconds, told in data.get("lives") or []:
        life = Life(timedelta(seconds=seconds), told)
        if len(runs) >= _RENEWED and not any(codes) and all(life.fits(run) for run in runs):
            return replace(container, data={**data, "renewed": told, "renewed_after": seconds})
    return container


def _runs(events: Sequence[LogLine]) -> Iterator[timedelta]:
    """How long each run was, whose begin was seen."""
    began: datetime | None = None
    for event in events:
        if _STARTED.search(event.text.strip()):
            began = event.at
        elif _DIED.search(event.text) and began is not None and event.at is not None:
            yield event.at - began
            began = None

"""What was said as an age began to grow by the clock is why nothing was done since, though it was said only once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.platform import find
from agent_graph.analysts.rules.signatures.rate_limited import SIGNATURE
from agent_graph.analysts.rules.well.reported import grows_old_since
from backend.investigation.kinds import Citation
from tests.agent_graph.cases import BEGAN, NOW, case

STOPPED = BEGAN - timedelta(minutes=20)


def age(name: str = "sync_cursor_age_seconds", *, usual: float = 40.0, pace: float = 1.0, back: bool = False) -> Metric:
    points: list[tuple[float, float]] = []
    for minute in range(-60, 11):
        at = BEGAN + timedelta(minutes=minute)
        grown = max(0.0, (at - STOPPED).total_seconds()) * pace
        points.append((at.timestamp(), 20.0 if back and minute > 5 else grown or usual))
    return Metric("E2", "other", f"{name}: 40 → 1800", points, None, None)


# What is measured, and whether it tells since when nothing is done
AGES: dict[str, tuple[Metric, bool]] = {
    "it grows as fast as the clock": (age(), True),
    "since the last one": (age("seconds_since_last_page"), True),
    "it is back": (age(back=True), False),
    "it is usually as old": (age(usual=1500.0), False),
    "it grows at a pace of its own": (age(pace=0.4), False),
    "no age": (age("storage_bytes"), False),
}


@pytest.mark.parametrize("name", AGES)
def test_an_age_that_grows_by_the_clock_tells_when_something_was_done_last(name: str):
    metric, told = AGES[name]
    since = grows_old_since(Facts(case(), metrics=[metric]))
    assert (since is not None and abs(since - STOPPED) <= timedelta(minutes=1)) == told


@pytest.mark.parametrize(
    ("level", "minutes", "measured", "sure"),
    [("warning", 0.2, True, True), ("warning", 12, True, False), ("warning", 0.2, False, False)],
)
def test_one_warning_is_enough_as_it_stopped(level: str, minutes: float, measured: bool, sure: bool):
    said = "page failed, sleeping: status=429 daily limit"
    line = LogLine("E3", said, said, level, STOPPED + timedelta(minutes=minutes), 1)  # pyright: ignore[reportArgumentType]
    alert = Citation(evidence="E1", quote="CursorStuck (firing)")
    facts = Facts(case(), lines=[line], metrics=[age()] if measured else [], heard_until=NOW)
    finding = find(SIGNATURE, replace(facts, alert=alert))
    assert finding is not None
    assert (finding.strength == "strong") == sure

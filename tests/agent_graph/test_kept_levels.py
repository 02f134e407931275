"""A disk that is kept near its brink by who removes the oldest is well only where room is measured to be made."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.noise import kind_of, without_usual
from agent_graph.analysts.rules.signatures.memory_pressure import SIGNATURE
from agent_graph.analysts.rules.well.level_kept import level_kept
from tests.agent_graph.cases import NOW, alert, case

SAYS = "ring at 97.1 %, above its watermark: removing the oldest until 96.8 %"
SAW = [0.968 + 0.0006 * (n % 6) for n in range(36)]


def _line(said: str, minutes: float, level: str | None = None, count: int = 1) -> LogLine:
    at = NOW - timedelta(minutes=minutes)
    return LogLine("E2", f"{at:%H:%M:%S} {said}", said, level, at, count)  # pyright: ignore[reportArgumentType]


def _disk(shares: Sequence[float], lines: Sequence[LogLine]) -> Facts:
    first = NOW.timestamp() - 60 * (len(shares) - 1)
    points = [(first + 60 * n, share) for n, share in enumerate(shares)]
    video = Metric("E5", "disk", 'node_filesystem_avail_bytes{mountpoint="/video"}: 97%', points, 1.0, None)
    full = alert(name="DiskUsage", labels={"alertname": "DiskUsage", "mountpoint": "/video"}, annotations={})
    return replace(Facts(case(alerts=[full])), metrics=[video], usual=list(lines))


ROUNDS = [_line(SAYS, minutes) for minutes in (60, 45, 30, 15)]
LEVELS: dict[str, tuple[Sequence[float], Sequence[LogLine], bool]] = {
    "emptied again and again": (SAW, ROUNDS, True),
    "emptied again and again, as it said once": (SAW, ROUNDS[:1], True),
    "its blocks go by their size": (SAW, [_line('Deleting obsolete block reason="size retention"', 60)], True),
    "its blocks go by their age": (SAW, [_line('Deleting obsolete block reason="time retention"', 60)], False),
    "it never empties, as it said once": ([0.9] * 36, ROUNDS[:1], False),
    "nothing is removed": ([0.969] * 36, ROUNDS, False),
    "nobody says so": (SAW, [], False),
    "it rises from round to round": ([share + 0.0004 * n for n, share in enumerate(SAW)], ROUNDS, False),
    "over the brink": ([share + 0.02 for share in SAW], ROUNDS, False),
}


@pytest.mark.parametrize("name", LEVELS)
def test_a_level_near_the_brink(name: str):
    shares, lines, well = LEVELS[name]
    assert (level_kept(_disk(shares, lines), ["disk_pressure"]) is not None) == well


def test_what_is_said_of_work_at_a_slow_pace_is_kept_and_what_is_complained_of_is_not():
    work, moan = _line(SAYS, 20, count=4), _line("ERROR could not read channel 7", 20, "error", 4)
    facts = replace(Facts(case()), lines=[work, moan])
    kinds = {("E2", kind_of(line)) for line in (work, moan)}
    seen = without_usual(facts, set(), kinds)
    assert (seen.lines, seen.usual) == ([], [work])


@pytest.mark.parametrize(("level", "short"), [("info", False), ("warning", True)])
def test_a_collector_that_takes_a_quarter_of_the_time_is_told_for_information(level: str, short: bool):
    said = "[gc][889508] overhead, spent [286ms] collecting in the last [1s]"
    facts = replace(Facts(case()), lines=[_line(said, 5, level)])
    assert (SIGNATURE.match(facts) is not None) == short

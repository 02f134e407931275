"""What a process says each time as it ends is meant, though it calls it information; what it says otherwise is not."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.parting import with_parting_words
from tests.agent_graph.cases import BEGAN, case

OPEN = "Read security file failed: permissions on /run/key are too open"

# name: what it says in each run, by seconds before its end; how it ended each time; how often it is meant
RUNS: dict[str, tuple[dict[int, str], str, int]] = {
    "the last words of each run": ({2: "listening on 27017", 1: OPEN}, "die exitCode=1", 3),
    "said, and it went on": ({2: OPEN, 1: "listening on 27017"}, "die exitCode=1", 0),
    "it ended well": ({1: OPEN}, "die exitCode=0", 0),
    "no trouble": ({1: "bye"}, "die exitCode=1", 0),
    "said long before": ({120: OPEN}, "die exitCode=1", 0),
}


@pytest.mark.parametrize("name", RUNS)
def test_the_last_words_of_most_runs_are_meant(name: str):
    said, end, meant = RUNS[name]
    ends = [BEGAN + timedelta(minutes=5 * n) for n in range(3)]
    lines = [LogLine("E2", t, t, "info", at - timedelta(seconds=s), 1) for at in ends for s, t in said.items()]
    events = [LogLine("E3", end, end, None, at, 1) for at in ends]
    found = with_parting_words(Facts(case(), lines=lines, events=events))
    assert sum(line.is_error for line in found.lines) == meant

"""What ended by itself twice is not over while it runs for no longer than it ran in between."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.well.complaints import comes_back
from tests.agent_graph.cases import NOW, case

KILLED = "die exitCode=137"
# name: what its engine saw, and how many minutes ago; is another end to be feared
SEEN: dict[str, tuple[list[tuple[str, float]], bool]] = {
    "killed twice, the last lately": ([(KILLED, 39), ("start", 38.7), (KILLED, 6), ("start", 5.7)], True),
    "it runs for longer than in between": ([(KILLED, 39), (KILLED, 25)], False),
    "once": ([(KILLED, 6)], False),
    "in one burst": ([(KILLED, 7), (KILLED, 6.5), (KILLED, 6)], False),
    "it was asked to end": ([("kill signal=9", 39.1), (KILLED, 39), ("kill signal=9", 6.1), (KILLED, 6)], False),
    "it ended as it should": ([("die exitCode=0", 39), ("die exitCode=143", 6)], False),
}


@pytest.mark.parametrize("name", SEEN)
def test_what_ended_twice_by_itself_may_end_again(name: str):
    events, feared = SEEN[name]
    told = [(text, NOW - timedelta(minutes=ago)) for text, ago in events]
    lines = [LogLine("E4", f"{at:%Y-%m-%dT%H:%M:%SZ} {text}", "", None, at, 1) for text, at in told]
    assert comes_back(Facts(case(), events=lines)) == feared
    assert not comes_back(Facts(case(firing=False), events=lines))

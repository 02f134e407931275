"""What ends at each start is explained by what its runs say; its complaints from while it served stand aside."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from agent_graph.analysts.rules.attempts import attempts
from agent_graph.analysts.rules.facts import Container, Facts, LogLine
from agent_graph.analysts.rules.loops import without_earlier
from agent_graph.analysts.rules.signatures.app_crash import match
from tests.agent_graph.cases import BEGAN, NOW, case

LAST = NOW - timedelta(minutes=1)
SERVED = "ERROR refused refresh token of client 17: authentication failed"
CANNOT = "ERROR cannot start: the listener of section [server] is unknown"


def _line(text: str, at: datetime) -> LogLine:
    return LogLine("E2", text, text, "error", at, 1)


def _state(status: str, restarts: int) -> Container:
    data = {"container": "web", "of_target": True, "running": False, "status": status, "restart_count": restarts}
    return Container("E1", {**data, "exit_code": 1, "finished_at": LAST.isoformat()}, {})


LOOP = [_line(CANNOT, BEGAN), _line(CANNOT, LAST - timedelta(seconds=1))]
EARLIER = _line(SERVED, BEGAN - timedelta(minutes=6))
LOOPS: dict[str, tuple[Container, list[LogLine], bool]] = {
    "its runs say why": (_state("restarting", 21), [EARLIER, *LOOP], False),
    "it ended once": (_state("exited", 0), [EARLIER, *LOOP], True),
    "its runs say nothing": (_state("restarting", 21), [EARLIER], True),
    "it was said just before its first end": (
        *(_state("restarting", 21), [replace(EARLIER, at=BEGAN - timedelta(minutes=1)), *LOOP]),
        True,
    ),
}


@pytest.mark.parametrize("name", LOOPS)
def test_what_was_said_while_it_served_is_not_why_it_loops(name: str):
    container, lines, kept = LOOPS[name]
    left = without_earlier(Facts(case(), lines=lines, containers=[container])).lines
    assert (SERVED in [line.text for line in left]) is kept
    assert [line for line in left if line.text == CANNOT] == [line for line in lines if line.text == CANNOT]


def test_a_loop_began_with_the_first_run_that_said_so():
    found = match(Facts(case(), lines=LOOP, containers=[_state("restarting", 21)]))
    assert found is not None
    assert found.onset == BEGAN


GIVEN_UP, AT_IT = "web.service: start operation timed out. Terminating.", "== 000128_create_index: migrating (up) =="
# What was said of each of three attempts: what is told of how they end, and of what they were at.
ATTEMPTS: dict[str, tuple[list[str], list[str]]] = {
    "at the same each time": (["Starting web.service - Web...", AT_IT, GIVEN_UP], [GIVEN_UP, AT_IT]),
    "nothing of its own": (["Starting web.service - Web...", GIVEN_UP], [GIVEN_UP]),
    "it ended by itself": ([AT_IT, "web.service: Main process exited, code=exited, status=1/FAILURE"], []),
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_who_gives_up_on_each_attempt_says_how_it_was_ended(name: str):
    said, told = ATTEMPTS[name]
    lines = [_line(text, BEGAN + timedelta(minutes=run)) for run in range(3) for text in said]
    assert [cite.quote for cite in attempts(Facts(case(), lines=lines))] == told

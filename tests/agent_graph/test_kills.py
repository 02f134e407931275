"""A kill that nobody saw is told as that; a kill that was seen, or for memory, has its cause."""

from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import BEGAN, case, container, logs, metric


def _events(*said: str) -> Evidence:
    content = "\n".join(f"{BEGAN:%Y-%m-%dT%H:%M:%SZ} {line}" for line in said)
    return Evidence(
        label="E4", source="docker", kind="event", title="Engine events", query="docker events", content=content
    )


KILLS: dict[str, tuple[dict[str, Any], tuple[str, ...], list[Evidence], str]] = {
    "nobody saw it": ({"ExitCode": 137}, ("start",), [], "inconclusive"),
    "no event was recorded": ({"ExitCode": 137}, (), [], "inconclusive"),
    "there was memory left": ({"ExitCode": 137}, (), [metric("memory", 40, 41, 40, limit=100)], "inconclusive"),
    "somebody was seen": ({"ExitCode": 137}, ("start", "kill signal=9"), [], "incident"),
    "its engine says that it was for memory": ({"ExitCode": 137, "OOMKilled": True}, ("start",), [], "incident"),
    "its memory was full": ({"ExitCode": 137}, ("start",), [metric("memory", 90, 99, 100, limit=100)], "incident"),
    "it ended by itself": ({"ExitCode": 3}, ("start",), [], "incident"),
}


@pytest.mark.parametrize("name", KILLS)
def test_a_kill_that_nobody_saw_says_what_is_missing(name: str):
    state, events, measured, verdict = KILLS[name]
    told = [container(**state), logs("INFO rendering 412", "INFO rendering 413"), _events(*events), *measured]
    found = analyse(case(), told)
    assert found.verdict == verdict
    assert ("journal of the engine" in found.root_cause) is (verdict == "inconclusive")


@pytest.mark.parametrize(("code", "told"), [(143, True), (130, True), (1, False), (139, False)])
def test_who_was_asked_to_end_was_stopped_from_outside(code: int, told: bool):
    found = analyse(case(), [container(ExitCode=code)])
    assert ("stopped from outside" in found.hypotheses[0].statement) == told

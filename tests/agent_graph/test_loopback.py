"""What fails at its own loopback address, or does not reach the target, blames nobody whom the target needs."""

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.signatures import dependency_failure
from backend.investigation.kinds import Category
from tests.agent_graph.cases import BEGAN, case, container, down, logs, monitor

# name: what the health check printed, the category
PRINTED: dict[str, tuple[str, Category]] = {
    "wget, IPv6 first": (
        "Connecting to localhost:3000 ([::1]:3000) wget: can't connect to remote host: Connection refused",
        "probe_failure",
    ),
    "curl": (
        "curl: (7) Failed to connect to 127.0.0.1 port 8080 after 0 ms: connection refused",
        "probe_failure",
    ),
    "another party": ("ERROR: could not connect to redis-cart:6379: Connection refused", "dependency_failure"),
}


@pytest.mark.parametrize("name", PRINTED)
def test_a_health_check_that_cannot_reach_itself_blames_nobody_else(name: str):
    printed, wanted = PRINTED[name]
    words = logs(printed)
    words = words.model_copy(update={"label": "E3", "data": {**words.data, "speaker": "health check"}})
    found = monitor(down("HTTP 404", minutes_ago=1), down("HTTP 404", minutes_ago=2))
    draft = analyse(case(monitor=found), [container(Running=True, health="unhealthy"), words])
    assert draft.verdict == "incident"
    assert draft.category == wanted


# name: who says so, whom it names; whether that is somebody whom the target needs
MISSED: dict[str, tuple[str, str, bool]] = {
    "a caller misses the target": ("gateway", "web-0.web:7001", False),
    "a caller misses it by its whole name": ("gateway", "web.shop.svc:8080", False),
    "a neighbour misses what both need": ("gateway", "web-cache:6379", True),
    "the target misses its fellow": ("", "web-1.web:7001", True),
}


@pytest.mark.parametrize("name", MISSED)
def test_who_does_not_reach_the_target_says_nothing_of_what_it_needs(name: str):
    speaker, whom, needed = MISSED[name]
    words = f"ERROR session lost: connection refused {whom}, orders are parked"
    line = LogLine("E2", words, words, "error", BEGAN, 12, speaker=speaker)
    assert (dependency_failure.match(Facts(case(), lines=[line])) is not None) == needed

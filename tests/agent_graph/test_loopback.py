"""A health check that fails at its own loopback address blames nobody else; what it says of others does."""

import pytest

from agent_graph.analysts.rules.analyst import analyse
from backend.investigation.kinds import Category
from tests.agent_graph.cases import case, container, down, logs, monitor

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

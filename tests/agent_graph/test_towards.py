"""Whom failing calls were made to is said, where only a field beside the message names the host."""

import json

import pytest

from agent_graph.analysts.rules.analyst import analyse
from tests.agent_graph.cases import case, container, logs


def _line(message: str, url: str) -> str:
    return json.dumps({"level": "error", "msg": message, "url": url})


WAITED = "authorisation failed: context deadline exceeded"
# name: the lines, whether whom is said
CALLS: dict[str, tuple[list[str], bool]] = {
    "one host": ([_line(WAITED, f"https://api.acquirer.example/v2/charges/{n}") for n in range(6)], True),
    "many hosts": ([_line(WAITED, f"https://hook{n}.customer.example/in") for n in range(6)], False),
    "the message says so": (
        [_line(f"Get https://api.acquirer.example/{n}: context deadline exceeded", "") for n in range(6)],
        False,
    ),
    "once": ([_line(WAITED, "https://api.acquirer.example/v2/charges")], False),
}


@pytest.mark.parametrize("name", CALLS)
def test_whom_failing_calls_were_made_to(name: str):
    lines, told = CALLS[name]
    draft = analyse(case(), [container(Running=True, health="unhealthy"), logs(*lines)])
    assert draft.category == "network_error"
    assert ("(calls to " in draft.root_cause) == told

"""Who has no descriptor, port or memory left cannot ask for a name: the name is not what is missing."""

import pytest

from agent_graph.analysts.rules.analyst import analyse
from backend.investigation.kinds import Category
from tests.agent_graph.cases import case, container, logs

# what is said, and what it is
SAID: dict[str, tuple[str, Category]] = {
    "go, descriptors": (
        "dial tcp: lookup api.bank.example on 10.0.0.2:53: dial udp 10.0.0.2:53: socket: too many open files",
        "connection_exhaustion",
    ),
    "node, descriptors": ("Error: getaddrinfo EMFILE api.bank.example", "connection_exhaustion"),
    "go, ports": (
        "lookup api.bank.example: dial udp 10.0.0.2:53: connect: cannot assign requested address",
        "connection_exhaustion",
    ),
    "go, no such name": ("dial tcp: lookup api.bank.example on 10.0.0.2:53: no such host", "dns_failure"),
    "go, no answer": (
        "lookup api.bank.example on 10.0.0.2:53: read udp 10.0.0.7:41->10.0.0.2:53: i/o timeout",
        "dns_failure",
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_missing_is_what_the_line_ends_with(name: str):
    words, wanted = SAID[name]
    draft = analyse(case(), [container(Running=True, health="unhealthy"), logs(*[f"ERROR {words}"] * 3)])
    assert draft.category == wanted, draft.root_cause


def test_names_that_are_missing_as_well_are_still_told():
    lines = [f"ERROR {SAID[name][0]}" for name in ("go, descriptors", "go, no such name")]
    draft = analyse(case(), [container(Running=True, health="unhealthy"), logs(*lines)])
    assert {"dns_failure", "connection_exhaustion"} <= {h.category for h in draft.hypotheses}

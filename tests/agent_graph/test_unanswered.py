"""Who takes a request and gives no answer is the trouble; what a target answers itself complains of nobody else."""

import pytest

from agent_graph.analysts.rules.analyst import analyse
from tests.agent_graph.cases import case, container, logs

# A line that is said again and again while the target is in trouble, and what that is.
SAID: dict[str, tuple[str, str]] = {
    "python, a read": (
        "ERROR HTTPSConnectionPool(host='gw.carrier.example', port=443): Read timed out. (read timeout=30)",
        "dependency_failure",
    ),
    "go, the headers": (
        'ERROR Post "https://pay.example/v1/charges": net/http: timeout awaiting response headers',
        "dependency_failure",
    ),
    "curl": (
        "ERROR cURL error 28: Operation timed out after 5001 milliseconds with 0 bytes received for https://geo.example/v1",
        "dependency_failure",
    ),
    "nobody is named": ("ERROR java.net.SocketTimeoutException: Read timed out", "network_error"),
    "the way there is not open": ("ERROR connect to gw.carrier.example: network is unreachable", "network_error"),
    "its own answer": ("ERROR HTTP POST /quote responded 500 in 1.84 ms: InvalidOperationException", "probe_failure"),
    "the answer of another": ("ERROR no quote: http://tax:80/rates responded 500", "dependency_failure"),
    "too many, by the one who is asked": (
        'WARN acquirer answered 429 {"code":"too_many_requests","retry_after":60}',
        "rate_limited",
    ),
    "more than so many in a time": ("ERROR partner: M-20 exceeded 20 authorisations/min", "rate_limited"),
    "failures that were counted": ("ERROR gave up: exceeded 5 restarts per minute", ""),
}


@pytest.mark.parametrize("name", SAID)
def test_a_complaint_is_of_whom_it_is_about(name: str):
    line, category = SAID[name]
    found = analyse(case(), [container(Running=True, health="unhealthy"), logs(*[line] * 3)])
    assert found.category == category if category else found.category != "rate_limited"

"""Who takes a request and gives no answer is the trouble; what a target answers itself complains of nobody else."""

from time import perf_counter

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.signatures.rate_limited import match as rate_limited
from tests.agent_graph.cases import BEGAN, case, container, logs

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
    "a gateway whose backend is away": ("ERROR HTTP GET /orders/42 responded 502 in 3.1 ms", "dependency_failure"),
    "a gateway that names it": (
        "ERROR GET /orders/42 answered 504 in 30001 ms (no answer of orders:8080)",
        "dependency_failure",
    ),
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


# What is counted in a time, and whether that is how often somebody may ask.
COUNTED: dict[str, bool] = {
    "partner: M-20 exceeded 20 authorisations/min": True,
    "denied: exceeded the limit of 600 API calls per hour": True,
    "send refused: exceeding 30 messages per minute": True,
    "request failed: client exceeded 5 requests/s": True,
    "write throughput exceeded 180 MB/s, device saturated": False,
    "GC overhead: exceeding 40 collections per minute, heap 98% used": False,
    "failed logins exceeded 20 attempts per minute from 10.0.0.8": False,
    "connection churn exceeds 500 connections/s, accept backlog is full": False,
    "packet loss exceeded 100 packets/s on eth0": False,
    "evictions exceeded 900 keys per second, maxmemory reached": False,
    "slow queries exceeded 30 queries per minute": False,
    "slow requests exceeded 30 requests per minute": False,
    "deadlocks exceeded 5 deadlocks per minute": False,
    "pool waits exceeded 50 waits per second, no connection available": False,
}


@pytest.mark.parametrize("said", COUNTED)
def test_a_limit_is_of_those_that_ask(said: str):
    line = LogLine("E1", f"ERROR {said}", said, "error", BEGAN, 3)
    assert (rate_limited(Facts(case(), lines=[line])) is not None) == COUNTED[said]


@pytest.mark.parametrize("filled", ["QUJD" * 2000 + "=", "1 " * 4000, "exceeded 1 " * 800, "slow-" * 1600])
def test_a_long_line_is_read_at_once(filled: str):
    said = f"ERROR message exceeded 1048576 {filled}"
    began = perf_counter()
    assert rate_limited(Facts(case(), lines=[LogLine("E1", said, said, "error", BEGAN, 3)])) is None
    assert perf_counter() - began < 1

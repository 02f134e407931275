"""Of several certificates that are measured, which one is why: the one whose own place fails since its end."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.signatures.app_crash import match as app_crash
from agent_graph.analysts.rules.signatures.certificate_expired import match as certificate_expired
from tests.agent_graph.cases import BEGAN, case

AT = [BEGAN + timedelta(minutes=minute) for minute in range(-40, 10, 2)]
DAY = 86400.0


def left(place: str, days: float = 0.0) -> Metric:
    """Without days: it ends as the trouble begins."""
    points = [(at.timestamp(), days * DAY + (BEGAN - at).total_seconds()) for at in AT]
    return Metric("E3", "certificate", f'probe_ssl_earliest_cert_expiry{{instance="{place}"}}: 1', points, None, None)


def check(place: str, fails_from: int | None) -> Metric:
    """`fails_from`: so many minutes after the end."""
    since = BEGAN + timedelta(minutes=fails_from) if fails_from is not None else None
    points = [(at.timestamp(), float(since is None or at < since)) for at in AT]
    return Metric("E4", "probe", f'probe_success{{instance="{place}"}}: 1', points, None, None)


A, B = "https://a.example", "https://b.example:8443"
# What is measured, and which place the conclusion names; None: no certificate is blamed.
MEASURED: dict[str, tuple[list[Metric], str | None]] = {
    "its own check fails since": ([left(A, 40), left(B), check(A, None), check(B, 2)], B),
    "its own check goes on well": ([left(A, 40), left(B), check(A, None), check(B, None)], None),
    "another place fails": ([left(A, 40), left(B), check(A, 2), check(B, None)], None),
    "it failed long before": ([left(A, 40), left(B), check(B, -30)], None),
    "it ended long before": ([left(A, 40), left(B, -3), check(B, 2)], None),
    "nobody checks it": ([left(A, 40), left(B)], None),
    "the only one that is measured": ([left(B, -3)], B),
    "all are valid": ([left(A, 40), left(B, 3), check(B, 2)], None),
}


@pytest.mark.parametrize("name", MEASURED)
def test_of_several_certificates_the_one_whose_place_fails_since_its_end_is_why(name: str):
    metrics, place = MEASURED[name]
    found = certificate_expired(Facts(case("web"), metrics=metrics))
    assert (found is not None) == (place is not None)
    assert found is None or (found.strength == "proof" and place is not None and place in found.statement)


@pytest.mark.parametrize(
    ("said", "by_its_own_fault"),
    [
        ("child process 296 exited by a signal 11", True),
        ("worker process 31 exited on signal 6", True),
        ("web.service: Main process exited, code=dumped, status=11/SEGV", True),
        ("web[31]: segfault at 0 ip 00007f21 sp 00007ffd error 4 in libfoo.so", True),
        ("Server crashed by signal: 11", True),
        ("child 7 terminated by SIGABRT", True),
        ("worker process 31 exited on signal 9", False),
        ("worker process 31 exited on signal 15", False),
        ("child process 31 exited with status 11", False),
        ("received signal strength 11 dBm", False),
    ],
)
def test_a_process_that_was_ended_for_what_it_did_itself_crashed(said: str, by_its_own_fault: bool):
    line = LogLine("E1", said, said, "error", BEGAN, 3)
    assert (app_crash(Facts(case("web"), lines=[line])) is not None) == by_its_own_fault

"""Asked for by a name that it does not bear was set wrongly; a scanner's guess, or an old certificate, is not."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.signatures.other_name import other_name
from tests.agent_graph.cases import BEGAN, case, container, down, history, monitor, up

FAILS = Sign("E1", "prometheus", "trouble", "strong", "sync_age{}: 4 → 900", "web", BEGAN, "it is worse than before")


def said(text: str, at: datetime = BEGAN, level: Any = "error") -> LogLine:
    return LogLine("E2", text, text, level, at, 1)


def certificate(days: float) -> Metric:
    points = [(BEGAN.timestamp(), days * 86_400)]
    return Metric("E3", "certificate", f"probe_ssl_earliest_cert_expiry: {days} days", points, None, None)


# what a client says of the other's certificate, and whether its name is what is wrong
CLIENTS: dict[str, tuple[str, bool]] = {
    "Node": ("Hostname/IP does not match certificate's altnames: IP: 10.0.0.9 is not in the cert's list", True),
    "curl": ("SSL: no alternative certificate subject name matches target host name 'db.example'", True),
    "Java": ("No subject alternative DNS name matching db.example found.", True),
    "Go": ("x509: cannot validate certificate for 10.0.0.9 because it doesn't contain any IP SANs", True),
    "PostgreSQL": ('server certificate for "db.example" does not match host name "10.0.0.9"', True),
    "past its date": ("x509: certificate has expired or is not yet valid", False),
    "a search of files": ("no name matching *.crt found", False),
}


@pytest.mark.parametrize("name", CLIENTS)
def test_a_certificate_in_time_is_refused_for_its_name(name: str):
    words, wrong = CLIENTS[name]
    facts = Facts(case(), lines=[said(words)], signs=[FAILS])
    found = other_name(replace(facts, metrics=[certificate(104)]))
    assert (found is not None) == wrong
    assert found is None or (found.rooted and "certificate_expired" in found.explains)
    assert other_name(replace(facts, metrics=[certificate(-1)])) is None
    unmeasured = other_name(facts)
    assert unmeasured is None or not unmeasured.rooted


# what a server says of the name that it was asked for, and whether it is the one that is watched
SERVERS: dict[str, tuple[str, bool]] = {
    "Nextcloud": ('Trusted domain error. "10.0.0.7" tried to access using "cloud.example" as host.', True),
    "Django": ("Invalid HTTP_HOST header: 'cloud.example'. You may need to add 'cloud.example'.", True),
    "Rails": ("[HostAuthorization::DefaultResponseApp] Blocked hosts: cloud.example", True),
    "Vite": ('Blocked request. This host ("cloud.example") is not allowed.', True),
    "a scanner's guess": ("Invalid HTTP_HOST header: '203.0.113.9'. You may need to add '203.0.113.9'.", False),
}


@pytest.mark.parametrize("name", SERVERS)
def test_who_does_not_serve_the_name_that_users_ask_for_was_told_others(name: str):
    words, wrong = SERVERS[name]
    failing = monitor(*(down("HTTP 400", minutes_ago=n, code=400) for n in range(1, 9)), up(minutes_ago=10))
    failing = failing.model_copy(update={"address": "https://cloud.example/login"})
    facts = read(case(monitor=failing), [container(Running=True), history(failing, "E6")])
    facts = replace(facts, lines=[said(words, level="info")], heard_since=BEGAN - timedelta(minutes=15))
    assert (other_name(facts) is not None) == wrong
    # Said in good times, too, it is no cause; nor is it where nothing is wrong.
    assert other_name(replace(facts, heard_since=BEGAN)) is None
    assert other_name(replace(facts, lines=[said(words, BEGAN - timedelta(hours=2), "info")])) is None
    assert other_name(replace(facts, monitor=None)) is None

"""Whom a line complains about: the one it names, and nobody where it names nobody."""

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.signatures.dependency_failure import dependency, match
from backend.investigation.names import is_english
from tests.agent_graph.cases import BEGAN, alert, case, container, logs

# The engine shows these beside the target "web".
SIBLINGS = {"shop-db-1": "running", "shop-redis-1": "running", "shop-ldap-1": "running"}

LINES: dict[str, str | None] = {
    "ERROR: canceling statement due to conflict with recovery, connection to client lost": None,
    "urllib3.exceptions.NewConnectionError: <urllib3.connection.HTTPConnection object>: Connection refused": None,
    "FATAL upstream timeout: connection refused while reading response header": None,
    "[E 2026-04-09 12:14:25.671 JupyterHub ldapauthenticator:392] Failed to connect to ldap for user st05817": "ldap",
    "ERROR GET /offers/quote -> order: 503 Service Unavailable from us (6011 ms)": None,
    "o.h.engine.jdbc.spi.SqlExceptionHelper : Communications link failure, 42 connections closed": None,
    "messenger.WARNING: connect timeout: could not connect to or authenticate at the broker": None,
    "Error: connect ECONNREFUSED 10.96.204.255:8080": "10.96.204.255:8080",
    "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.": "redis:6379",
    'psycopg.OperationalError: connection to server at "db" (10.0.0.3), port 5432 failed: Connection refused': "db",
    "ERROR 2002 (HY000): Can't connect to MySQL server at 'orders-db' (111)": "orders-db",
    "pymysql.err: Can't connect to MySQL server on host 'mysql' ([Errno 111] Connection refused)": "mysql",
    "dial tcp 172.21.0.5:3000: connect: no route to host": "172.21.0.5:3000",
    "[error] 29#29: *88 connect() failed (113: Host is unreachable) while connecting to upstream, client: 203.0.113.7, "
    'server: web.example, request: "GET / HTTP/1.1", upstream: "http://backend/", host: "web.example"': "backend",
    "[crit] 8#8: connect() to unix:/run/php/php8.1-fpm.sock failed (2: No such file or directory) while connecting to "
    'upstream, server: web.example, upstream: "fastcgi://unix:/run/php/php8.1-fpm.sock:"': "/run/php/php8.1-fpm.sock",
    "dial unix /run/mattermost/api.sock: connect: no such file or directory": "/run/mattermost/api.sock",
    "POST https://api.shiprun.example/v3/labels: 503 Service Unavailable": "api.shiprun.example",
    "consumer: Cannot connect to amqp://guest:**@rabbit:5672//: [Errno 111] Connection refused": "rabbit:5672",
    "could not connect to server: failed to re-establish it at start-up, connection refused": None,
    "Connection refused (errno:111, status:503, retry:10) after read-only switch": None,
    "java.net.ConnectException: Connection refused at sun.nio.ch.Net.pollConnect(Native Method) Foo.java:42": None,
    "Failed to connect to ledger.internal.corp: Connection refused": "ledger.internal.corp",
    "Connection refused: cannot connect to host web": None,
    "kafka-python: NoBrokersAvailable, bootstrap from [kafka:9092]": "kafka:9092",
}


@pytest.mark.parametrize("line", LINES)
def test_a_name_is_one_that_somebody_may_have(line: str):
    about = case("web")
    facts = read(about, [container("web", siblings=SIBLINGS), logs(f"2026-11-21T03:01:00Z {line}")])
    assert dependency(facts.lines, facts) == LINES[line]


def test_without_a_name_it_is_told_without_one():
    line = "2026-11-21T03:01:00Z ERROR connection refused: canceling statement due to conflict"
    found = analyse(case("web", alerts=[alert()]), [container("web", siblings=SIBLINGS), logs(line)])
    told = [h.statement for h in found.hypotheses if h.category == "dependency_failure"]
    assert told
    assert all("cannot reach something it depends on" in statement for statement in told)


def test_english_is_told_from_names():
    english = ("out-of-memory", "read-only", "time-out", "re-established", "client-side", "connection-pool", "5-minute")
    named = ("checkout-api", "pg-ledger", "web-1", "order-service", "payments.internal", "shop-redis-1", "plain")
    assert [word for word in english if not is_english(word)] == []
    assert [word for word in named if is_english(word)] == []


# Who only watches says which answer it got; a proxy says of whom.
WATCHED: dict[str, bool] = {
    "[MONITOR] WARN: Monitor #3 'web': Failing: Request failed with status code 502 | Down Count: 0": False,
    "ERROR AxiosError: Request failed with status code 502": True,
    "[error] 7#7: *9 connect() failed (111: Connection refused) while connecting to upstream, server: web": True,
}


@pytest.mark.parametrize("line", WATCHED)
def test_a_status_that_a_watcher_was_answered_names_no_dependency(line: str):
    facts = read(case("web", alerts=[alert()]), [logs(f"2026-11-21T03:01:00Z {line}")])
    assert (match(facts) is not None) == WATCHED[line]


@pytest.mark.parametrize(("target", "heard"), [("web", False), ("uptime-kuma", True)])
def test_a_watcher_may_be_the_one_that_is_in_trouble(target: str, heard: bool):
    words = f"ERROR {target}: upstream server answered 502 Bad Gateway"
    told = LogLine("E2", words, words, "error", BEGAN, 1, speaker="uptime-kuma")
    assert (match(Facts(case(target, alerts=[alert()]), lines=[told])) is not None) == heard

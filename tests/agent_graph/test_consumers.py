"""Who uses up what is shared: named by application, user or machine, with what was done just before, and left alone."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.remedies import remedy
from agent_graph.analysts.rules.signatures.connection_exhaustion import match
from agent_graph.conclusion import Draft
from agent_graph.sources import changes
from agent_graph.sources.measures import measures_of
from agent_graph.sources.metric_evidence import evidence_of as metric_evidence
from agent_graph.sources.postgres.state import evidence_of
from backend.action.kinds import Proposal
from backend.incident.rules import Refusal
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import BEGAN, NOW, case, container, logs
from tests.agent_graph.test_metric_shapes import always, series, since

Row = dict[str, Any]
ROOM = [{"name": "max_connections", "setting": "100"}]
IDLE = {"state": "idle", "datname": "shop", "backend_start": "2026-11-20T08:00:00Z"}
FULL = "FATAL: sorry, too many clients already"


def _sessions(count: int, first: int, **row: str) -> list[Row]:
    return [{**IDLE, **{k: v.format(n) for k, v in row.items()}, "pid": first + n} for n in range(count)]


# name: the sessions that have most of the connections, what is said of them
HELD: dict[str, tuple[list[Row], str]] = {
    "replicas with a name each": (_sessions(80, 100, application_name="nightly/{0}", usename="rep"), "80 by nightly"),
    "pods": (_sessions(80, 100, application_name="export-7d9f8b6c5-x2x4z", usename="rep"), "by export (user rep)"),
    "a driver that says only what it is": (
        _sessions(80, 100, application_name="PostgreSQL JDBC Driver", usename="rep"),
        "80 by rep, 80 of them idle",
    ),
    "one user for all, told apart by machine": (
        _sessions(80, 100, usename="web", client_addr="10.0.0.9"),
        "80 by 10.0.0.9 (user web)",
    ),
    "opened since": (
        _sessions(80, 100, usename="rep", backend_start=f"{BEGAN:%Y-%m-%dT%H:%M:%SZ}"),
        "80 of them opened shortly before it began",
    ),
}


@pytest.mark.parametrize("name", HELD)
def test_whoever_holds_most_connections_is_named(name: str):
    most, said = HELD[name]
    rest = _sessions(18, 1, usename="web", client_addr="10.1.0.{0}")
    (found,) = evidence_of(case("shop"), {"pg_stat_activity": [*rest, *most], "pg_settings": ROOM}, "rows")
    assert said in found.data["signs"][0]["means"]


def _answer(sessions: list[Row], *rows: Row) -> tuple[Draft, Proposal | Refusal]:
    about = case("web")
    found: list[Evidence] = [
        *evidence_of(about, {"pg_stat_activity": sessions, "pg_settings": ROOM}, "rows"),
        *changes.evidence_of(about, list(rows), "changes"),
        logs(*[FULL] * 4),
        container(health="unhealthy"),
    ]
    found = [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=1)]
    draft = analyse(about, found)
    return draft, remedy(about, draft, found)


def test_a_fresh_process_of_the_victim_frees_nothing():
    theirs, mine = _sessions(80, 100, application_name="nightly/{0}"), _sessions(18, 1, application_name="web")
    scaled = {"ts": BEGAN.isoformat(), "kind": "scale", "target": "shop/nightly", "summary": "2 to 10 replicas"}
    other = {"ts": BEGAN.isoformat(), "kind": "deploy", "target": "shop/mail", "summary": "mail 2"}
    draft, proposed = _answer([*mine, *theirs], scaled, other)
    assert draft.category == "connection_exhaustion"
    assert "held by nightly" in draft.root_cause
    assert "2 to 10 replicas" in draft.root_cause
    assert isinstance(proposed, Refusal)
    leaking, proposed = _answer([*_sessions(80, 100, application_name="web/{0}"), *_sessions(18, 1, usename="x")])
    assert "web has used up its connections" in leaking.root_cause
    assert isinstance(proposed, Proposal)


REFUSED = {
    "the client of a cache": "redis.exceptions.ResponseError: OOM command not allowed when used memory > 'maxmemory'.",
    "its runtime calls it a lack of memory": (
        "redis.exceptions.OutOfMemoryError: command not allowed when used memory > 'maxmemory'."
    ),
    "the client of a search": "ERROR circuit_breaking_exception: Data too large, data for [<http_request>]",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_store_that_is_full_is_no_crash_of_its_client(name: str):
    about = case("web")
    memory = series("redis_memory_used_bytes", since(4e7, 6.7e7), pod="cache-0")
    most = series("redis_memory_max_bytes", always(6.7e7), pod="cache-0")
    failing = series("http_requests:rate1m", since(0, 30), code="500", service="web")
    (*found,) = metric_evidence(about, measures_of(about, [memory, most, failing]), BEGAN, NOW)
    found += [*changes.evidence_of(about, [{"ts": BEGAN.isoformat(), "kind": "deploy", "target": "web"}], "changes")]
    found += [logs(*[REFUSED[name]] * 4), container()]
    found = [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=1)]
    draft = analyse(about, found)
    assert draft.category == "memory_pressure"
    assert "at its memory limit" in draft.root_cause
    assert isinstance(remedy(about, draft, found), Refusal)


SAID = {
    "the tool says it, and its wrapper calls it information": (
        '{"level":"info","logger":"barman","msg":"ERROR: WAL archiver exception: (403) HeadBucket: Forbidden"}'
    ),
    "the shell says it": "ssh: archive_command: rsync to backup01 failed: Connection refused",
}


@pytest.mark.parametrize("name", SAID)
def test_the_log_says_why_archiving_fails(name: str):
    failed = {"archived_count": 9, "failed_count": 4, "last_failed_time": f"{NOW:%Y-%m-%dT%H:%M:%SZ}"}
    row = {**failed, "last_archived_time": f"{BEGAN - timedelta(minutes=20):%Y-%m-%dT%H:%M:%SZ}"}
    found = [
        *evidence_of(case("shop"), {"pg_stat_archiver": [row]}, "rows"),
        logs(*[SAID[name]] * 4, "checkpoint done"),
    ]
    draft = analyse(case("shop"), [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=1)])
    assert draft.verdict == "incident"
    assert "archiving of the WAL has failed since" in draft.root_cause
    assert "Forbidden" in draft.root_cause or "refused" in draft.root_cause


def test_a_sum_tells_who_has_most_of_it():
    limit = series("pg_settings_max_connections", always(100))
    named = [series("pg_stat_activity_count", since(20, 79), usename="rep", state="idle")]
    named += [series("pg_stat_activity_count", always(9), usename=name, state="active") for name in ("web", "auth")]
    (found,) = metric_evidence(case("shop"), measures_of(case("shop"), [limit, *named]), BEGAN, NOW)
    assert "97% of it reached" in found.summary
    assert 'usename="rep"' in found.content
    equal = [series("pg_stat_activity_count", always(30), usename=name) for name in ("web", "auth", "mail")]
    (found,) = metric_evidence(case("shop"), measures_of(case("shop"), [limit, *equal]), BEGAN, NOW)
    assert found.content == found.summary


EMPTY = "ERROR HikariPool-1 - Connection is not available, request timed out after 30001ms"
KEPT: dict[str, tuple[tuple[str, ...], str]] = {
    "the pool names the code": (
        (
            "WARN Connection leak detection triggered for PgConnection@5feceb6 on thread export-1, stack trace follows",
            "\tat com.zaxxer.hikari.HikariDataSource.getConnection(HikariDataSource.java:127)",
            "\tat de.shop.CsvExport.stream(CsvExport.java:71)",
        ),
        "kept in de.shop.CsvExport.stream",
    ),
    "each worker waits for another service": (
        ("INFO stock lookup failed, url=https://erp.example/stock: Operation timed out after 60001 ms",) * 4,
        "each waits for INFO stock lookup failed, url=https://erp.example/stock",
    ),
    "nothing is said of it": (("INFO order 7 read in 22 ms",) * 4, "timed out after 30001ms."),
}


@pytest.mark.parametrize("name", KEPT)
def test_whoever_keeps_what_a_pool_lent_is_named(name: str):
    lines, said = KEPT[name]
    found = [container(health="unhealthy"), logs(*[EMPTY] * 4, *lines)]
    draft = analyse(case("web"), [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=1)])
    assert draft.category == "connection_exhaustion"
    assert said in draft.root_cause


THROTTLED = "ERROR get object: api error SlowDown: Please reduce your request rate."


def test_whoever_says_the_same_of_a_shared_limit_is_named():
    batch = logs(
        "[thumbs-batch-7d9f8b6c5-x2x4z] WARN done=9 errors=7 SlowDown: Please reduce your request rate",
        "[mail-7d9f8b6c5-b5kfd] ERROR template is missing",
    )
    batch = batch.model_copy(update={"data": {**batch.data, "own": False}, "title": "around"})
    found = [container(health="unhealthy"), logs(*[THROTTLED] * 4), batch]
    draft = analyse(case("web"), [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=1)])
    assert draft.category == "rate_limited"
    assert "thumbs-batch says the same" in draft.root_cause


# Busy threads or connections of a hundred, minute by minute; are they used up
POOLS: dict[str, tuple[list[float], bool]] = {
    "full": ([15, 15, 95, 96, 95, 96, 95], True),
    "full for a while, and far from it since": ([15, 15, 95, 96, *[20] * 9], False),
    "back a moment ago": ([15, 15, 95, 96, 20, 20, 20], True),
    "full again and again": ([15, 95, 20, 20, 20, 20, 95, 20, 20, 20, 20, 20, 20, 20], True),
}


@pytest.mark.parametrize("name", POOLS)
def test_a_pool_that_has_room_again_is_not_used_up(name: str):
    values, used_up = POOLS[name]
    points = [(BEGAN.timestamp() + 60 * n, value) for n, value in enumerate(values)]
    pool = Metric("E3", "pg_connections", "tomcat_threads_busy{}", points, 100, None)
    assert (match(Facts(case(), metrics=[pool])) is not None) is used_up

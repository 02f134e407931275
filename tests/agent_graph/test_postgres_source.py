"""Which server an incident is about, what two samples say together, and URLs that nobody gets to see."""

from typing import Any

import pytest

from agent_graph.sources.postgres import queries
from agent_graph.sources.postgres.match import targets_of
from agent_graph.sources.postgres.samples import difference, heaviest, mean_waits
from agent_graph.sources.postgres.views import by_view
from backend.connection.postgres import (
    Look,
    NotAnswered,
    PostgresTarget,
    UnusablePostgresTarget,
    dial_target,
    postgres_targets,
)
from backend.settings import BadSettings, load_settings
from tests.agent_graph.cases import alert, case, monitor, up

ORDERS = PostgresTarget("orders-db", "db-1", 5432, "orders")
BILLING = PostgresTarget("billing", "db-2", 5433, "billing")
DATABASE: dict[str, Any] = {"source_type": "database", "runtime": None}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (case("orders-db", **DATABASE), [("orders-db", "own")]),
        (case("web", labels={"server": "db-2:5433"}), [("billing", "own")]),
        (case("web", monitor=monitor(up()).model_copy(update={"address": "tcp://db-1:5432"})), [("orders-db", "own")]),
        (case("orders", **DATABASE, labels={"instance": "db-1", "datname": "orders"}), [("orders-db", "own")]),
        (case("billing", **DATABASE, labels={"instance": "db-1", "datname": "billing"}), [("billing", "own")]),
        (case("shop", **DATABASE, labels={"instance": "db-1", "datname": "shop"}), []),
        (case("web", labels={"instance": "db-1"}), []),
        (case("web", hint="look at orders-db, please"), [("orders-db", "mentioned")]),
        (case("web", alerts=[alert(annotations={"summary": "cannot reach db-2."})]), [("billing", "mentioned")]),
        (case("web", hint="look at orders-db-replica"), []),
        (case("web"), []),
    ],
)
def test_labels_and_addresses_say_which_server_and_free_text_only_mentions_one(told: Any, expected: Any):
    assert [(target.name, part) for target, part in targets_of(told, [BILLING, ORDERS])] == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (case("exporter", **DATABASE, labels={"instance": "exporter:9187"}), ["orders-db"]),
        (case("exporter", alerts=[alert(name="PostgresqlTooManyConnections")]), ["orders-db"]),
        (case("billing", **DATABASE, labels={"datname": "billing"}), []),
        (case("web", alerts=[alert(name="ContainerDown")]), []),
    ],
)
def test_the_only_server_is_meant_when_the_incident_is_about_postgresql(told: Any, expected: list[str]):
    assert [target.name for target, _ in targets_of(told, [ORDERS])] == expected


def test_waits_are_averaged_over_the_samples_and_an_idle_server_is_calm():
    lock = {"wait_event_type": "Lock", "wait_event": "tuple", "sessions": 6}
    cpu = {"wait_event_type": "CPU", "wait_event": "CPU", "sessions": 1}
    assert mean_waits([[lock, cpu], [lock]]) == [
        {"wait_event_type": "Lock", "wait_event": "tuple", "avg_active_sessions": 6.0},
        {"wait_event_type": "CPU", "wait_event": "CPU", "avg_active_sessions": 0.5},
    ]
    assert [row["avg_active_sessions"] for row in mean_waits([[], []])] == [0.0]


async def test_every_query_is_answered_by_the_newer_server_of_the_wheel_too(database_url: str):
    target = PostgresTarget("own", "", 5432, "", database_url)
    async with await dial_target(target) as connection:
        look = Look(connection)
        assert (await look.role(30)).superuser is False
        assert {"archiver", "prepared"} <= by_view({name: [{}] for name in queries.STATE}).keys()
        for query in (*queries.STATE.values(), queries.WAITS, queries.STATEMENTS_SCHEMA):
            await look.rows(query, 30)
        with pytest.raises(NotAnswered, match="does not exist"):
            await look.rows("select * from nowhere", 30)
        assert (await look.rows("select 1 as one", 30)) == [{"one": 1}]


def statement(number: str, calls: float, spent: float) -> dict[str, Any]:
    return {"queryid": number, "query": f"select {number}", "calls": calls, "total_exec_time": spent}


def test_statements_are_what_they_cost_between_two_looks():
    before = [statement("1", 10, 90_000), statement("2", 5, 100), statement("3", 9, 900)]
    after = [statement("1", 10, 90_000), statement("2", 7, 2_100), statement("3", 1, 5), statement("4", 1, 1)]
    assert difference(before, after) == [
        {"query": "select 2", "calls": 2, "total_exec_time": 2000, "mean_exec_time": 1000}
    ]
    assert heaviest(after)[0] == "98% of the time, 10 calls, mean 9000.0 ms: select 1"
    assert heaviest([]) == []


@pytest.mark.parametrize("targets", ["orders", "=postgresql://u:topsecret@h/d", "a=mysql://u:topsecret@h/d"])
def test_a_bad_target_is_a_sentence_without_its_password(targets: str):
    with pytest.raises(BadSettings) as refused:
        load_settings(postgres_targets=targets)
    assert "NIGHTDESK_POSTGRES_TARGETS" in refused.value.detail
    assert "topsecret" not in refused.value.detail


def test_urls_are_read_and_never_shown():
    settings = load_settings(
        postgres_targets="b=postgresql://u:topsecret@h:6000/d\n a=postgres://u:topsecret@/e?host=/run"
    )
    found = postgres_targets(settings)
    assert [(t.name, t.address) for t in found] == [("a", "/run:5432/e"), ("b", "h:6000/d")]
    assert "topsecret" not in f"{settings!r} {found!r}"
    with pytest.raises(UnusablePostgresTarget, match="the URL of a cannot be read"):
        postgres_targets(load_settings(postgres_targets="a=postgresql://u:topsecret@h/d?nonsense=1"))

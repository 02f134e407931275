"""Upkeep, registered work and a new copy are no incidents; a repair, unplanned work and an old copy are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.draining import draining
from agent_graph.analysts.rules.well.each_round import each_round
from agent_graph.analysts.rules.well.known_work import known_work
from agent_graph.analysts.rules.well.upkeep import upkeep
from tests.agent_graph.cases import NOW, alert, case

GOOD = Sign("E3", "prometheus", "healthy", "strong", "latency_p95: 0.1 → 0.1", "db", None, "as before")
CHECK = 'node_md_state{device="md0", state="check"}'


def _metric(role: str, line: str, *values: float) -> Metric:
    points = [(NOW.timestamp() - 60 * (len(values) - n), value) for n, value in enumerate(values)]
    return Metric("E5", role, f"{line}: {values[0]:g} → {values[-1]:g}", points, None, None)


# what the alert is called, what is measured besides the work, whether it is upkeep and no more
BUSY: dict[str, tuple[str, str, str, float, bool]] = {
    "an array checked": ("NodeDiskIOSaturation", CHECK, 'node_md_disks{state="failed"}', 0, True),
    "shards moved": ("HighDiskWriteRate", "es_relocating_shards{}", "es_unassigned_shards{}", 0, True),
    "partitions moved": ("NetworkTrafficHigh", "k_reassigningpartitions{}", "k_offlinepartitionscount{}", 0, True),
    "an array that lost a disk": ("NodeDiskIOSaturation", CHECK, 'node_md_disks{state="failed"}', 1, False),
    "shards without a place": ("HighDiskWriteRate", "es_relocating_shards{}", "es_unassigned_shards{}", 3, False),
    "users wait": ("SearchLatencyHigh", "es_relocating_shards{}", "es_unassigned_shards{}", 0, False),
}


@pytest.mark.parametrize("name", BUSY)
def test_what_keeps_a_store_busy_is_upkeep_while_nothing_is_lost(name: str):
    alarm, work, lost, value, well = BUSY[name]
    metrics = [_metric("other", work, *[2] * 9), _metric("other", lost, *[value] * 9)]
    facts = replace(Facts(case(alerts=[alert(name=alarm, annotations={})])), signs=[GOOD], metrics=metrics)
    assert (upkeep(facts, []) is not None) == well


IDLE = "md0 is not in state active for 10 minutes; if it is rebuilt, a disk was lost"
# what the alert says, of which array, what is measured besides the check, and whether it is upkeep and no more
STATES: dict[str, tuple[str, str, str, float, bool]] = {
    "checked": (IDLE, "md0", 'node_md_disks{state="failed"}', 0, True),
    "by the name of the series": (
        'node_md_state{state!="active"} == 1',
        "md0",
        'node_md_disks{state="failed"}',
        0,
        True,
    ),
    "a disk is lost": (IDLE, "md0", 'node_md_disks{state="failed"}', 1, False),
    "it is rebuilt": (IDLE, "md0", 'node_md_state{state="recovering"}', 1, False),
    "nobody counts the lost": (IDLE, "md0", 'node_md_state{state="recovering"}', 0, False),
    "another array": (IDLE, "md1", 'node_md_disks{state="failed"}', 0, False),
    "its users wait": ("writes to md0 take 3 seconds", "md0", 'node_md_disks{state="failed"}', 0, False),
}


@pytest.mark.parametrize("name", STATES)
def test_an_array_in_another_state_than_usual_is_well_while_it_is_checked_and_whole(name: str):
    told, device, lost, value, well = STATES[name]
    fired = alert(name="ArrayState", labels={"device": device, "impact": "possible"}, annotations={"summary": told})
    metrics = [_metric("other", CHECK, *[1] * 9), _metric("other", lost, *[value] * 9)]
    assert (upkeep(Facts(case(alerts=[fired]), metrics=metrics), []) is not None) == well


PENDING, MOVES = "db_compaction_pendingtasks{}", "es_relocating_shards{}"
# what the alert is called, the work, how much there is of it at the end, what was registered, and whether it is upkeep
ASKED: dict[str, tuple[str, str, float, str, bool]] = {
    "a repair on Sundays": ("CompactionPending", PENDING, 150, "schedule web/db: weekly repair of iot", True),
    "more and more to merge": ("CompactionPending", PENDING, 900, "schedule web/db: weekly repair of iot", False),
    "nobody asked for it": ("CompactionPending", PENDING, 150, "schedule mail: weekly repair", False),
    "room was added": ("RelocatingShardsTooLong", MOVES, 4, "scale web: data nodes 6 -> 8", True),
    "a release moves them": ("RelocatingShardsTooLong", MOVES, 4, "deploy web: rebalance more often", False),
    "its users wait": ("SearchLatencyHigh", MOVES, 4, "scale web: data nodes 6 -> 8", False),
}


@pytest.mark.parametrize("name", ASKED)
def test_an_alert_about_the_work_itself_is_answered_by_who_registered_it(name: str):
    alarm, work, last, text, well = ASKED[name]
    metric = _metric("queue", work, 0, 0, *[min(last, 160)] * 24, last)
    trouble = Sign("E5", "prometheus", "trouble", "strong", metric.line, "db", NOW, "well above what it was")
    change = LogLine("E7", text, text, None, NOW - timedelta(minutes=50), 1)
    facts = replace(Facts(case(alerts=[alert(name=alarm, annotations={})])), signs=[GOOD, trouble], metrics=[metric])
    assert (upkeep(replace(facts, changes=[change]), []) is not None) == well
    lost = Sign("E5", "prometheus", "trouble", "strong", "dropped: 0 → 9", "db", NOW, "too much")
    assert upkeep(replace(facts, changes=[change], signs=[*facts.signs, lost]), []) is None


# what was registered, minutes before the statement began, and whether it excuses it
PLANS: dict[str, tuple[str, float, bool]] = {
    "a migration": ("migration orders: V12 create index orders_day", 0, True),
    "work that was announced": ("maintenance pg-1: index orders_day is built", 3, True),
    "hours before": ("migration orders: V12 create index orders_day", 120, False),
    "a release": ("deploy orders: create index orders_day at start", 0, False),
    "other work": ("migration users: V13 drop column nickname", 0, False),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_long_statement_is_well_where_it_was_registered(name: str):
    text, minutes, well = PLANS[name]
    at = NOW - timedelta(minutes=20)
    runs = Sign("E4", "postgres", "slow_query", "strong", "CREATE INDEX orders_day ON orders", "pid 7", at, "long")
    plan = LogLine("E7", text, text, None, at - timedelta(minutes=minutes), 1)
    fires = alert(name="PostgresLongRunningTransaction", annotations={})
    facts = replace(Facts(case(alerts=[fires])), signs=[GOOD, runs], changes=[plan])
    assert (known_work(facts, ["slow_query"]) is not None) == well
    waits = Sign("E4", "postgres", "lock_contention", "strong", "pid 9 waits", "pid 9", at, "waits")
    assert known_work(replace(facts, signs=[*facts.signs, waits]), ["slow_query"]) is None


# who sends the slow statements, what was registered, minutes before the first of them, and whether it excuses them
SLOW: dict[str, tuple[tuple[str, ...], str, float, bool]] = {
    "a nightly extract": (("etl",) * 3, "schedule etl/orders: nightly extract, source web", 3, True),
    "a job of somebody else": (("shop",) * 3, "schedule etl/orders: nightly extract, source web", 3, False),
    "users, too": (("etl", "shop", "etl"), "schedule etl/orders: nightly extract, source web", 3, False),
    "hours ago": (("etl",) * 3, "schedule etl/orders: nightly extract, source web", 200, False),
    "its release": (("etl",) * 3, "deploy etl/orders: 4.2", 3, False),
}


@pytest.mark.parametrize("name", SLOW)
def test_slow_statements_are_well_where_they_are_one_clients_registered_work(name: str):
    clients, text, minutes, well = SLOW[name]
    first = NOW - timedelta(minutes=20)
    said = [f"# User@Host: {who}[{who}] @ [10.2.9.4] Id: 9" for who in clients]
    lines = [LogLine("E2", one, one, None, first + timedelta(minutes=n), 1) for n, one in enumerate(said)]
    plan = LogLine("E7", text, text, None, first - timedelta(minutes=minutes), 1)
    fires = alert(name="MysqlSlowQueries", annotations={})
    facts = replace(Facts(case(alerts=[fires])), signs=[GOOD], lines=lines, changes=[plan])
    assert (known_work(facts, ["slow_query"]) is not None) == well
    late = alert(name="ApiLatencyHigh", annotations={})
    assert known_work(replace(facts, case=case(alerts=[fires, late])), ["slow_query"]) is None


# how a backlog went, a point a minute, what it is of, and whether it is worked off in rounds
TOOTH = [n * 50.0 for n in range(20)]
ROUNDS: dict[str, tuple[list[float], str, bool]] = {
    "as ever": ([*TOOTH, *TOOTH, *TOOTH[:18]], "queue", True),
    "higher than ever": ([*TOOTH, *TOOTH, *(n * 70.0 for n in range(18))], "queue", False),
    "the next round did not come": ([*TOOTH, *TOOTH, *TOOTH, *[950.0] * 8], "queue", False),
    "once before": ([*TOOTH, *TOOTH[:18]], "queue", False),
    "memory that falls at each end of a process": ([*TOOTH, *TOOTH, *TOOTH[:18]], "memory", False),
}


@pytest.mark.parametrize("name", ROUNDS)
def test_a_backlog_that_falls_round_after_round_is_well_until_a_round_is_missed(name: str):
    values, role, well = ROUNDS[name]
    fires = alert(labels={"alertname": "Lag", "group": "parquet"}, annotations={})
    facts = replace(Facts(case(alerts=[fires])), metrics=[_metric(role, 'group_lag{group="parquet"}', *values)])
    assert (each_round(facts, []) is not None) == well
    assert each_round(facts, ["dependency_failure"]) is None


@pytest.mark.parametrize(("before", "well"), [(40, True), (0, False)])
def test_a_copy_that_was_just_made_catches_up_and_one_that_was_there_does_not(before: int, well: bool):
    lag = _metric("replication_lag", 'seconds_behind{instance="r4"}', *(9_000 - 180 * n for n in range(40)))
    other = _metric("replication_lag", 'seconds_behind{instance="r3"}', *[0] * (40 + before))
    facts = replace(Facts(case()), signs=[GOOD], metrics=[other, lag])
    found = draining(facts, ["replication_lag"])
    assert (found is not None) == well
    if found is not None:
        assert f"{datetime.fromtimestamp(lag.points[0][0], UTC):%H:%M}" in found.statement

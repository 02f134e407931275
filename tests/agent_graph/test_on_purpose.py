"""What waits, lasts or is still counted on purpose is well; its twin that nobody meant is not."""

from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources.postgres.state import evidence_of
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import alert, case, metric
from tests.agent_graph.test_judgement import SERVING, alarmed, log

LEFT = 'slo:errors:ratio_rate{}{{slo="pay"}}: 0 → {}, highest 0.4'


def signs(*told: tuple[str, str], label: str = "E2") -> Evidence:
    """Series with what was understood of them."""
    rows = [
        {"category": category, "weight": "strong", "quote": quote, "subject": quote, "at": None, "means": quote}
        for category, quote in told
    ]
    content = "\n".join(quote for _, quote in told)
    data = {"signs": rows}
    return Evidence(label=label, source="prometheus", kind="metric", title="m", query="m", content=content, data=data)


GOOD = ("healthy", "up: 1 → 1"), ("healthy", "latency: 0.2 → 0.2")


@pytest.mark.parametrize(
    ("long", "short", "verdict"),
    [
        (LEFT.format("1h", 0.06), LEFT.format("5m", 0), "not_an_incident"),
        (
            LEFT.format("1h", 0.06).replace("_rate", "burn:"),
            LEFT.format("30m", 0).replace("_rate", "burn:"),
            "not_an_incident",
        ),
        (LEFT.format("5m", 0.06), LEFT.format("1h", 0), "inconclusive"),
        (LEFT.format("1h", 0.06), LEFT.format("5m", 0).replace("pay", "other"), "inconclusive"),
    ],
)
def test_a_long_window_goes_on_counting_what_is_over(long: str, short: str, verdict: str):
    found = alarmed(log(*SERVING), signs(("trouble", long), ("trouble_over", short), *GOOD))
    assert found.verdict == verdict


def gauge(line: str, *values: float, label: str) -> Evidence:
    one = metric("queue", *values, label=label)
    return one.model_copy(update={"content": line, "summary": line})


@pytest.mark.parametrize(
    ("paused", "words", "verdict"),
    [
        (1, "INFO queue mails paused by the scheduler: hold until 17:00", "not_an_incident"),
        (0, "INFO queue mails paused by the scheduler: hold until 17:00", "inconclusive"),
        (1, "INFO queue others paused by the scheduler: hold until 17:00", "inconclusive"),
        (1, "INFO queue mails is long", "inconclusive"),
    ],
)
def test_a_queue_is_held_on_purpose_when_somebody_said_until_when(paused: int, words: str, verdict: str):
    stopped = gauge('queue_paused{queue="mails"}: 0 → 1', 0, paused, label="E3")
    waits = gauge('queue_size{queue="mails"}: 0 → 900', 0, 900, label="E4")
    late = signs(("trouble", 'queue_latency{queue="mails"}: 1 → 4000'), *GOOD)
    assert alarmed(log(*SERVING, (-5, words)), late, stopped, waits).verdict == verdict


DUMP = {"pid": 7, "usename": "backup", "application_name": "pg_dump", "state": "active"}
SINCE = {"xact_start": "2026-11-21T02:20:00Z", "query_start": "2026-11-21T03:05:00Z", "query": "COPY t TO stdout"}
OFTEN = [{"relname": "t", "seq_scan": 700, "seq_tup_read": 9e9, "idx_scan": 0, "n_live_tup": 4_000_000}]


@pytest.mark.parametrize(
    ("session", "waiting", "well"),
    [
        ({}, [], True),
        ({"application_name": "pgbackrest", "usename": "postgres"}, [], True),
        ({"application_name": "report", "usename": "bi"}, [], False),
        ({}, [{"pid": 9, "state": "active", "blocked_by": [7], "query": "alter table t add x int"}], False),
    ],
)
def test_a_backup_may_read_for_long_while_nobody_waits(
    session: dict[str, Any], waiting: list[dict[str, Any]], well: bool
):
    fires = alert(name="PostgresLongRunningTransaction", annotations={"summary": "open for more than 30 minutes"})
    told = case(alerts=[fires])
    views = {"pg_stat_activity": [{**DUMP, **SINCE, **session}, *waiting], "pg_stat_user_tables": OFTEN}
    read = [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(evidence_of(told, views, "q"), 3)]
    found = analyse(told, [*read, signs(*GOOD)])
    assert (found.verdict == "not_an_incident" and "is being backed up" in found.root_cause) is well

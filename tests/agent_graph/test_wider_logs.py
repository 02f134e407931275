"""What turned before the fetched logs begin, and is explained by nothing that they say, is looked for further back."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from agent_graph.evaluation.notebook import MemoryNotebook
from agent_graph.evaluation.recorded import sources_of
from agent_graph.evaluation.scenario import Expected, Scenario
from agent_graph.investigator import Investigator
from backend.investigation.kinds import Report, Target
from backend.settings import Settings
from tests.agent_graph.cases import BEGAN, NOW, alert, case

BROKE = "[ERROR] [MY-010584] [Repl] Replica SQL: Could not execute Write_rows; Duplicate entry '41', Error_code: 1062"


def _stopped(at: datetime) -> list[dict[str, Any]]:
    """A replica that applies until `at`, and then no more."""
    times = [NOW - timedelta(minutes=90) + timedelta(minutes=minute) for minute in range(91)]
    values = [[when.timestamp(), "0" if when >= at else "1"] for when in times]
    labels = {"__name__": "mysql_slave_status_replica_sql_running", "instance": "db-b:9104", "job": "mysqld"}
    return [{"metric": labels, "values": values}]


async def _report(at: datetime) -> tuple[Report, int]:
    rows = [
        {"ts": when.isoformat(), "labels": {"host": "db-b"}, "line": line}
        for when, line in (
            (NOW - timedelta(minutes=80), "0 [System] [MY-010931] [Server] mysqld: ready for connections."),
            (at, f"9 {BROKE}"),
            (NOW - timedelta(minutes=4), "0 [Note] [MY-010559] [Repl] purged 2 relay logs"),
        )
    ]
    target = Target(name="db-b", source_type="database", labels={"instance": "db-b:9104"})
    about = case().model_copy(update={"target": target, "title": "db-b: replica lag above 10 min"})
    told = Scenario(name="replica", case=about, expected=Expected(verdict="incident"), logs=rows, metrics=_stopped(at))
    notebook = MemoryNotebook()
    settings = Settings(_env_file=None)  # pyright: ignore[reportCallIssue]
    report = await Investigator(settings, sources_of(told), None).investigate(about, notebook, None)
    return report, sum(found.kind == "log" and found.data.get("own") is True for found in notebook.kept)


@pytest.mark.parametrize(("minutes", "looks"), [(30, 2), (5, 1)])
async def test_what_was_said_as_it_turned_is_found_however_early_that_was(minutes: int, looks: int):
    report, logs = await _report(BEGAN - timedelta(minutes=minutes))
    assert (report.category, logs) == ("replication_lag", looks)
    assert any("1062" in cite.quote for cite in report.hypotheses[0].supporting)


async def _backlog(at: datetime) -> Report:
    """A queue that was filled at `at` and is worked off since."""
    times = [NOW - timedelta(minutes=90) + timedelta(minutes=minute) for minute in range(91)]
    past = [(when - at).total_seconds() / 60 for when in times]
    values = [
        [when.timestamp(), str(0 if ago < 0 else 90_000 - 700 * ago)] for when, ago in zip(times, past, strict=True)
    ]
    labels = {"__name__": "rabbitmq_queue_messages_ready", "queue": "letters", "pod": "broker-0"}
    rows = [
        {"ts": when.isoformat(), "labels": {"pod": who}, "line": line}
        for when, who, line in (
            (at, "statements-1", "INFO monthly run started messages=90000"),
            (NOW - timedelta(minutes=4), "broker-0", "INFO accepting connection 7"),
        )
    ]
    target = Target(name="broker", source_type="container", labels={"pod": "broker-0"})
    told = [alert(name="ManyMessages", labels={"queue": "letters"}, annotations={"summary": "90000 messages wait"})]
    about = case(alerts=told).model_copy(update={"target": target, "title": "letters: 90000 messages wait"})
    metrics = [{"metric": labels, "values": values}]
    told_of = Scenario(name="q", case=about, expected=Expected(verdict="not_an_incident"), logs=rows, metrics=metrics)
    notebook = MemoryNotebook()
    settings = Settings(_env_file=None)  # pyright: ignore[reportCallIssue]
    return await Investigator(settings, sources_of(told_of), None).investigate(about, notebook, None)


async def test_who_brought_what_is_worked_off_is_looked_for_where_it_came():
    report = await _backlog(BEGAN - timedelta(minutes=30))
    assert report.verdict == "not_an_incident"
    assert "monthly run started" in report.root_cause

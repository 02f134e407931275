"""Off by its timetable, or behind by the delay that was set: both look like trouble and are what was wanted."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources.changes import evidence_of as changes_of
from agent_graph.sources.measures import measures_of
from agent_graph.sources.metric_evidence import evidence_of as metrics_of
from agent_graph.sources.series import Series
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import BEGAN, NOW, alert, case, down, history, logs, monitor, up

GONE = monitor(*(down("connect EHOSTUNREACH", minutes_ago=n) for n in range(1, 10)), up(minutes_ago=11))


def _stop(kind: str, target: str, summary: str) -> Evidence:
    times = (BEGAN - timedelta(minutes=1), BEGAN - timedelta(days=1, minutes=1))
    rows = [{"ts": at.isoformat(), "kind": kind, "target": target, "summary": summary} for at in times]
    return changes_of(case(), rows, "changes")[0].model_copy(update={"label": "E7"})


OFF: dict[str, tuple[Evidence, str, bool]] = {
    "a machine of a cloud": (
        _stop("platform", "web", "auto-shutdown: VM deallocated, daily, start 05:30"),
        "web",
        True,
    ),
    "a downscaler": (
        _stop("scale", "dev/web", "kube-downscaler: 2 -> 0 replicas, schedule Mon-Fri 07:00-19:00"),
        "web",
        True,
    ),
    "a database that pauses": (_stop("platform", "web", "paused every night until 06:00"), "web", True),
    "past the time it was due": (_stop("platform", "web", "stopped by schedule, start 03:01"), "web", False),
    "another machine": (_stop("platform", "mailer-7", "auto-shutdown: VM deallocated, daily"), "web", False),
    "no timetable": (_stop("platform", "web", "VM stopped by m.weber"), "web", False),
    "what users need": (_stop("platform", "web-prod-1", "auto-shutdown: VM stopped, daily"), "web-prod-1", False),
}


@pytest.mark.parametrize("name", OFF)
def test_what_sleeps_by_its_timetable_is_not_down(name: str):
    stop, called, well = OFF[name]
    found = analyse(case(called, monitor=GONE), [history(GONE), stop])
    assert ("timetable" in found.root_cause) is well
    assert (found.verdict == "not_an_incident") is well


def _lag(*values: float, **labels: str) -> Series:
    points = [(NOW.timestamp() - 60 * (len(values) - n), value) for n, value in enumerate(values)]
    return Series({"__name__": "mysql_slave_status_seconds_behind_master", "instance": "dr:9104", **labels}, points)


DELAYS: dict[str, tuple[str, tuple[float, ...], bool]] = {
    "said by the server": ("SQL_Delay: 3600", (3601, 3600, 3602) * 10, True),
    "set in PostgreSQL": ("LOG:  parameter recovery_min_apply_delay = 1h", (3600, 3601, 3602) * 10, True),
    "further behind than it should be": ("SQL_Delay: 3600", (9000, 9001, 9002) * 10, False),
    "falling behind": ("SQL_Delay: 3600", tuple(3000.0 + 60 * n for n in range(30)), False),
    "nobody set a delay": ("Replica_IO_Running: Yes", (3601, 3600, 3602) * 10, False),
}


@pytest.mark.parametrize("name", DELAYS)
def test_a_lag_as_long_as_the_delay_that_was_set_is_none(name: str):
    said, values, well = DELAYS[name]
    told = case(alerts=[alert(name="ReplicationLag")], source_type="database", runtime=None)
    found = metrics_of(told, measures_of(told, [_lag(*values)]), BEGAN, NOW)
    measured = [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=10)]
    report = analyse(told, [logs(*[said] * 2, source="loki"), *measured])
    assert ("behind on purpose" in report.root_cause) is well

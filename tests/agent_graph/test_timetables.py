"""Off by its timetable, or behind by the delay that was set: both look like trouble and are what was wanted."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources.changes import evidence_of as changes_of
from agent_graph.sources.measures import measures_of
from agent_graph.sources.metric_evidence import evidence_of as metrics_of
from agent_graph.sources.series import Series
from backend.investigation.kinds import AlertFact, Evidence
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


ONCE = "VM stopped by schedule, start 05:30"
BUG = "scheduler rollout: paused health checks, scaled down replicas 6 -> 0 by cron bug"
BROKE, COMPLAINS = ["FATAL cannot bind: panic in main"], [f"ERROR order {n} is lost" for n in range(60)]
# What was changed once, what it says, and the labels of its alert; and whether it is off by its timetable.
STOPPED_ONCE: dict[str, tuple[str, list[str], dict[str, str], bool]] = {
    "by a stopper, until a time": (ONCE, ["INFO bye"], {}, True),
    "by its hours": ("kube-downscaler: 2 -> 0 replicas, schedule Mon-Fri 07:00-19:00", ["INFO bye"], {}, True),
    "by a stopper, until nobody knows when": ("VM stopped by schedule", ["INFO bye"], {}, False),
    "by something scheduled for the first time": (
        "nightly job: scaled down to 0, start 05:30",
        ["INFO bye"],
        {},
        False,
    ),
    "by a mistake": (BUG, ["INFO bye"], {}, False),
    "where users are, by its alert": (ONCE, ["INFO bye"], {"env": "prod"}, False),
    "and it broke": (ONCE, BROKE, {}, False),
    "and it complains up to now": (ONCE, COMPLAINS, {}, False),
}


@pytest.mark.parametrize("name", STOPPED_ONCE)
def test_a_timetable_is_kept_by_a_stopper_or_was_kept_before(name: str):
    summary, said, labels, well = STOPPED_ONCE[name]
    at = (BEGAN - timedelta(minutes=1)).isoformat()
    row = {"ts": at, "kind": "platform", "target": "web", "summary": summary}
    stop = changes_of(case(), [row], "changes")[0].model_copy(update={"label": "E7"})
    stamped = [f"{BEGAN + timedelta(seconds=9 * n):%Y-%m-%dT%H:%M:%SZ} {line}" for n, line in enumerate(said)]
    fired = alert(labels={"alertname": "ContainerDown", "name": "web", **labels})
    found = analyse(case(alerts=[fired], monitor=GONE), [history(GONE), logs(*stamped), stop])
    assert ("timetable" in found.root_cause) is well
    assert (found.verdict == "not_an_incident") is well


def _series(called: str, *values: float, **labels: str) -> Series:
    points = [(NOW.timestamp() - 60 * (len(values) - n), value) for n, value in enumerate(values)]
    return Series({"__name__": called, "instance": "dr:9104", **labels}, points)


BEHIND, AS_SET, FURTHER = "mysql_slave_status_seconds_behind_master", (3601, 3600, 3602) * 10, (9000, 9001, 9002) * 10
FALLING = tuple(3000.0 + 60 * n for n in range(30))
LAG = alert(name="ReplicationLag")
JOBS = alert(name="JobDelayHigh", annotations={"summary": "jobs wait for an hour before they run"})
CHANGED = _stop("config", "web", "CHANGE REPLICATION SOURCE TO SOURCE_DELAY = 3600: a copy for human errors")
IN_POSTGRES = _stop("config", "web", "recovery_min_apply_delay 0 -> '1h'")
SET, QUIET = "pg_settings_recovery_min_apply_delay_seconds", "INFO tick"
SETTING, OF_ANOTHER = _series(SET, *[3600] * 30), _series(SET, *[3600] * 30, instance="dr2:9104")
LATE, LATE_POSTGRES = _series(BEHIND, *AS_SET), _series("pg_replication_lag", *AS_SET)
IN_TIME, WAITING = _series("pg_replication_lag", *[0] * 30), _series("sidekiq_queue_delay_seconds", *[3600] * 30)
HEARTBEAT = _series("mysql_heartbeat_delay_seconds", *AS_SET)
TWO = [_series("replica_lag_delay_seconds", *[3600] * 30, replica=one) for one in "ab"]
# The alert, what is measured, what was changed, and what a log says; and whether it is behind on purpose.
DELAYS: dict[str, tuple[AlertFact, list[Series], list[Evidence], str, bool]] = {
    "set by a change": (LAG, [LATE], [CHANGED], QUIET, True),
    "set by a change of PostgreSQL's": (LAG, [LATE_POSTGRES], [IN_POSTGRES], QUIET, True),
    "a setting that is measured": (LAG, [LATE_POSTGRES, SETTING], [], QUIET, True),
    "another copy's setting": (LAG, [LATE_POSTGRES, OF_ANOTHER], [], QUIET, False),
    "further behind than it should be": (LAG, [_series(BEHIND, *FURTHER)], [CHANGED], QUIET, False),
    "falling behind": (LAG, [_series(BEHIND, *FALLING)], [CHANGED], QUIET, False),
    "nobody set a delay": (LAG, [LATE], [], "Replica_IO_Running: Yes", False),
    "only a log says so": (LAG, [LATE], [], 'INFO search q="sql_delay=3600" took 3 ms', False),
    "a heartbeat measures the same lag": (LAG, [LATE, HEARTBEAT], [], QUIET, False),
    "two copies are as late": (LAG, TWO, [], QUIET, False),
    "jobs that wait are no copy": (JOBS, [IN_TIME, WAITING], [], QUIET, False),
    "a copy is late on purpose, and jobs wait": (JOBS, [IN_TIME, SETTING], [], QUIET, False),
}


@pytest.mark.parametrize("name", DELAYS)
def test_a_lag_as_long_as_the_delay_that_was_set_is_none(name: str):
    fired, series, changed, said, well = DELAYS[name]
    told = case(alerts=[fired], source_type="database", runtime=None)
    found = metrics_of(told, measures_of(told, series), BEGAN, NOW)
    measured = [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=10)]
    report = analyse(told, [logs(*[said] * 2, source="loki"), *measured, *changed])
    assert ("behind on purpose" in report.root_cause) is well


def test_a_log_that_names_a_delay_takes_nothing_back():
    told = case(alerts=[LAG], source_type="database", runtime=None)
    said = ["WARN Seconds_Behind_Master: 17000, replication lag", 'INFO search q="sql_delay=20000" took 3 ms']
    report = analyse(told, [logs(*said * 3, source="loki")])
    assert report.category == "replication_lag"

"""Trouble that nobody calls an error: work that finds nothing to do, a setting that was never taken back."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources.changes import evidence_of
from backend.investigation.kinds import CaseFile, Evidence
from tests.agent_graph.cases import BEGAN, alert, case, logs, metric

STALE = {"name": "TableFreshness", "annotations": {"summary": "ledger: newest row is 54 h old"}}
YELLOW = {"name": "ClusterYellow", "annotations": {"summary": "the cluster is yellow"}}
AGES = metric("other", *[float(30 + n) for n in range(24)], label="E5")
SMALL = {"name": "BackupSizeDropped", "annotations": {"summary": "the last backup is 99 % smaller"}}
SIZES = metric("other", *[51e9] * 20, *[12e6] * 5, label="E5")
UPGRADED = ("maintenance", "web", "data directory moved from /var/lib/pg/16 to /srv/pg/17")
NOTHING = ("WARN no objects match s3://exports/ledger/dt=2026-11-20/*.parquet, nothing to do", "INFO loaded 0 rows")
MOVED = ("config", "exporter", "writes to s3://exports/ledger_v2/ instead of ledger/")
FORBIDDEN = (
    "INFO replica allocations are forbidden due to cluster setting [cluster.routing.allocation.enable=primaries]"
)
TURNED = "INFO updating [cluster.routing.allocation.enable] from [all] to [primaries]"
HELD = tuple(f"03:0{n}:00 {FORBIDDEN}" for n in range(1, 10))
WINDOW = ("maintenance", "search", "rolling restart for JVM 21, window 20:50-22:00")
BAD = metric("other", *[0.0] * 10, *[1.0] * 20, label="E5")
# A line of the alert itself, as its source gives it.
FIRES = Evidence(
    label="E9", source="alert", kind="event", title="Alert", query="", content="fires", data={"firing": True}
)


def _changes(told: CaseFile, *rows: tuple[str, str, str], minutes: float = 240) -> list[Evidence]:
    at = (BEGAN - timedelta(minutes=minutes)).isoformat()
    known = [{"ts": at, "kind": kind, "target": target, "summary": summary} for kind, target, summary in rows]
    return [one.model_copy(update={"label": "E7"}) for one in evidence_of(told, known, "changes")]


# name: the alert, what it logs, what was changed, what was measured; verdict, category, a part of the cause
QUIET: dict[
    str, tuple[dict[str, Any], tuple[str, ...], tuple[str, str, str] | None, Evidence, tuple[str, str, str]]
] = {
    "it looks where nothing comes any more": (
        *(STALE, NOTHING, MOVED, AGES),
        ("incident", "config_error", "ledger_v2"),
    ),
    "it finds nothing, and nobody knows why": (
        *(STALE, NOTHING, None, AGES),
        ("inconclusive", "dependency_failure", "finds nothing where it looks"),
    ),
    "another alert is about something else": (
        *({"name": "HighLatency", "annotations": {"summary": "p95 is 2 s"}}, NOTHING, MOVED, AGES),
        ("inconclusive", "unknown", ""),
    ),
    "it says that nothing failed": (
        *(STALE, ("INFO 0 errors, 0 rows rejected, 91200 loaded",), MOVED, AGES),
        ("inconclusive", "unknown", ""),
    ),
    "it keeps next to nothing of what was moved": (
        *(SMALL, ("INFO processed 14 files, 11.571 MiB in 0:02",), UPGRADED, SIZES),
        ("incident", "config_error", "14 files"),
    ),
    "fewer users, and what belongs to no run": (
        *({"name": "OrdersCountLow", "annotations": {"summary": "fewer orders than usual"}}, (), UPGRADED, SIZES),
        ("inconclusive", "unknown", ""),
    ),
    "it keeps next to nothing, and nothing was moved": (
        *(SMALL, ("INFO processed 14 files, 11.571 MiB in 0:02",), None, SIZES),
        ("inconclusive", "unknown", ""),
    ),
    "a setting of a maintenance that is over": (
        *(YELLOW, (TURNED, *HELD), WINDOW, BAD),
        ("incident", "config_error", "allocation.enable"),
    ),
    "a setting that is named once": (
        *(YELLOW, (TURNED, f"03:01:00 {FORBIDDEN}"), WINDOW, BAD),
        ("inconclusive", "unknown", ""),
    ),
}


@pytest.mark.parametrize("name", QUIET)
def test_what_nobody_calls_an_error_is_heard(name: str):
    about, lines, change, measured, (verdict, category, cause) = QUIET[name]
    told = case(alerts=[alert(**about)])
    found = [FIRES, logs(*lines), measured, *(_changes(told, change) if change else [])]
    draft = analyse(told, found)
    assert (draft.verdict, draft.category) == (verdict, category), draft.reasoning
    assert cause in draft.root_cause


SLOW = metric("up", *[1.0] * 20, 0.0, 0.0, label="E5")
RELEASE = ("deploy", "web", "v318 -> v319")


@pytest.mark.parametrize(
    ("beside", "verdict"),
    [
        (("config", "egress-fw", "firewall policy push 2204"), "inconclusive"),
        (("deploy", "newsletter", "v22: bumps the redis client"), "incident"),
    ],
)
def test_of_two_changes_in_the_same_minute_neither_is_to_blame(beside: tuple[str, str, str], verdict: str):
    told = case(alerts=[alert()])
    assert analyse(told, [FIRES, SLOW, *_changes(told, RELEASE, beside, minutes=2)]).verdict == verdict


# name: how full it was, four times a minute; the verdict on an alert that is over
FILLED: dict[str, tuple[list[float], str]] = {
    "room was made, and is taken again": ([0.96] * 10 + [0.6 + 0.003 * n for n in range(100)], "incident"),
    "room was made, and stays": ([0.96] * 10 + [0.6] * 30, "not_an_incident"),
    "it makes room for itself": (([0.7 + 0.02 * n for n in range(10)] * 4)[:-2], "not_an_incident"),
    "it was never full again": ([0.96] * 10 + [0.3 + 0.001 * n for n in range(30)], "not_an_incident"),
}


@pytest.mark.parametrize("name", FILLED)
def test_room_that_was_made_may_not_last(name: str):
    values, verdict = FILLED[name]
    told = case(alerts=[alert(name="DiskSpaceLow", status="resolved")], firing=False)
    assert analyse(told, [metric("disk", *values, limit=1, label="E5")]).verdict == verdict

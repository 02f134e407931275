"""Whose place another one took is not missed, and who helped with what is done is no broken part of it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources.kubernetes.state import evidence_of
from backend.investigation.kinds import Evidence, Target
from tests.agent_graph.cases import NOW, alert, case

Object = dict[str, Any]


def _schedule(name: str, hours: float, *, suspend: bool = False, note: str = "", failed: bool = False) -> Object:
    """A schedule whose last run came well so many hours ago."""
    well = NOW - timedelta(hours=hours)
    begun = NOW - timedelta(hours=1) if failed else well - timedelta(minutes=30)
    return {
        "kind": "CronJob",
        "metadata": {"name": name, "annotations": {"note": note} if note else {}},
        "spec": {"schedule": "0 1 * * *", "suspend": suspend},
        "status": {
            "lastScheduleTime": f"{begun:%Y-%m-%dT%H:%M:%SZ}",
            "lastSuccessfulTime": f"{well:%Y-%m-%dT%H:%M:%SZ}",
        },
    }


NOTE = "replaced by export-v2, delete after the month"


def _verdict(note: str, *others: Object) -> str:
    old = _schedule("export", 74, suspend=True, note=note)
    told = alert(name="ExportMissing", annotations={"summary": "no export for three days"})
    about = case(alerts=[told]).model_copy(update={"target": Target(name="export", source_type="container")})
    found = evidence_of(about, [old, *others], "test")
    labelled = [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=1)]
    return analyse(about, labelled).verdict


def test_a_schedule_that_names_a_successor_which_runs_well_is_not_missed():
    assert _verdict(NOTE, _schedule("export-v2", 2)) == "not_an_incident"


@pytest.mark.parametrize(
    ("note", "others"),
    [
        (NOTE, []),
        # The successor sleeps, too, or fails.
        (NOTE, [_schedule("export-v2", 2, suspend=True)]),
        (NOTE, [_schedule("export-v2", 26, failed=True)]),
        # Somebody else's schedule, and a note that names none as its successor.
        (NOTE, [_schedule("import-v2", 2)]),
        ("see export-v2 for the alert", [_schedule("export-v2", 2)]),
        ("replaces the old dump; export-v2 runs after it", [_schedule("export-v2", 2)]),
        ("", [_schedule("export-v2", 2)]),
    ],
)
def test_a_schedule_without_one_that_runs_well_in_its_place_is_missed(note: str, others: list[Object]):
    assert _verdict(note, *others) != "not_an_incident"


@pytest.mark.parametrize("key", ["kubectl.kubernetes.io/last-applied-configuration", "corp.example/applied"])
def test_what_a_tool_keeps_of_a_schedule_names_no_successor(key: str):
    """Its policy is to replace runs, and its image is called like another schedule."""
    old = _schedule("backup-full", 74, suspend=True)
    image = {"containers": [{"name": "main", "image": "registry.example/backup:4"}]}
    old["metadata"]["annotations"] = {key: json.dumps({"spec": {"concurrencyPolicy": "Replace", **image}})}
    signs = [sign for one in _told(old, _schedule("backup", 2)) for sign in one.data["signs"]]
    assert [sign["category"] for sign in signs if sign["subject"] == "backup-full"] == ["config_error"]


def test_an_image_is_no_successor():
    noted = _schedule("backup-full", 74, suspend=True, note="replaced the image by registry.example/backup:4")
    signs = [sign for one in _told(noted, _schedule("backup", 2)) for sign in one.data["signs"]]
    assert [sign["category"] for sign in signs if sign["subject"] == "backup-full"] == ["config_error"]


def _told(*schedules: Object) -> list[Evidence]:
    about = case().model_copy(update={"target": Target(name="backup-full", source_type="container")})
    return evidence_of(about, list(schedules), "test")


def _pod(name: str, phase: str, code: int, owner: str = "") -> Object:
    ended = {"exitCode": code, "reason": "Completed" if not code else "Error"}
    return {
        "kind": "Pod",
        "metadata": {"name": name, "ownerReferences": [{"kind": "Pod", "name": owner}] if owner else []},
        "spec": {"nodeName": "n1", "containers": [{"name": "main"}]},
        "status": {
            "phase": phase,
            "containerStatuses": [{"name": "main", "ready": False, "state": {"terminated": ended}}],
        },
    }


@pytest.mark.parametrize(("phase", "code", "trouble"), [("Succeeded", 0, False), ("Failed", 1, True)])
def test_who_helped_a_pod_is_missed_only_where_that_one_failed(phase: str, code: int, trouble: bool):
    pods = [_pod("web-driver", phase, code), _pod("web-exec-1", "Failed", 143, owner="web-driver")]
    signs = [sign["category"] for one in evidence_of(case(), pods, "test") for sign in one.data["signs"]]
    assert bool(set(signs) - {"healthy"}) is trouble

"""What is stopped or stands still because something else was meant; and what is asked for by a path it never had."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.deps import Ask
from agent_graph.logs.requests import tally
from agent_graph.sources.alert import AlertSource
from agent_graph.sources.changes import evidence_of as changes_of
from agent_graph.sources.kubernetes.state import evidence_of
from backend.investigation.kinds import CaseFile
from tests.agent_graph.cases import BEGAN, alert, case


def _told(name: str, kind: str, rule: str) -> CaseFile:
    told = case(name, runtime="kubernetes", alerts=[alert(name=rule, annotations={}, labels={"alertname": rule})])
    labels = {kind: name}
    return told.model_copy(update={"target": told.target.model_copy(update={"namespace": "shop", "labels": labels})})


async def _verdict(told: CaseFile, objects: list[dict[str, Any]], change: str) -> str:
    at = (BEGAN - timedelta(minutes=30)).isoformat()
    rows = [{"ts": at, "kind": "config", "target": f"shop/{told.target.name}", "summary": change}]
    found = [
        *await AlertSource().answer(told, Ask(source="alert", what="alerts")),
        *evidence_of(told, objects, "kubectl"),
    ]
    found += changes_of(told, rows, "changes")
    labelled = [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=1)]
    return analyse(told, labelled).verdict


def _deployment(name: str, wants: int, ready: int) -> dict[str, Any]:
    spec = {"replicas": wants, "template": {"spec": {"containers": [{"name": "web", "image": "web:1"}]}}}
    return {
        **{"kind": "Deployment", "metadata": {"name": name, "namespace": "shop"}, "spec": spec},
        "status": {"replicas": wants, "readyReplicas": ready},
    }


@pytest.mark.parametrize(
    ("target", "other", "ready", "rule", "well"),
    [
        ("web-blue", "web-green", 2, "DeploymentHasNoReplicas", True),
        ("red-web", "black-web", 2, "TargetDown", True),
        ("web-blue", "web-green", 1, "DeploymentHasNoReplicas", False),
        ("web-blue", "web-batch", 2, "DeploymentHasNoReplicas", False),
        ("web-blue", "web-green", 2, "WebErrorsHigh", False),
    ],
)
async def test_who_is_stood_in_for_is_not_missed(target: str, other: str, ready: int, rule: str, well: bool):
    objects = [_deployment(target, 0, 0), _deployment(other, 2, ready)]
    found = await _verdict(_told(target, "deployment", rule), objects, f"traffic moved, {target} to 0")
    assert (found == "not_an_incident") == well


@pytest.mark.parametrize(
    ("suspended", "change", "well"),
    [
        (True, "suspended for the year-end freeze until 27 Dec", True),
        (True, "paused during the warehouse's move", True),
        (True, "suspended", False),
        (True, "schedule 30 4 * * *", False),
        (False, "suspended until 27 Dec", False),
    ],
)
async def test_work_that_somebody_stopped_for_a_time_is_held(suspended: bool, change: str, well: bool):
    meta = {"name": "export", "namespace": "shop"}
    cron = {"kind": "CronJob", "metadata": meta, "spec": {"schedule": "30 4 * * *", "suspend": suspended}, "status": {}}
    found = await _verdict(_told("export", "cronjob", "LastSuccessTooOld"), [cron], change)
    assert (found == "not_an_incident") == well


def _asked(path: str, status: int, count: int, agent: str = "shop-app/5") -> list[str]:
    return [
        f'10.0.0.{n} - - [01/May/2026:12:00:00 +0000] "GET {path.format(n)} HTTP/1.1" {status} 22 "-" "{agent}"'
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ("/v1/orders/{}", "/orders/{}", True),
        ("/orders/{}", "/api/orders/{}", True),
        ("/v1/orders/{}", "/wp-login.php?{}", False),
        ("/", "/.env?{}", False),
    ],
)
def test_a_path_with_a_prefix_more_or_less_is_the_one_that_was_served(before: str, after: str, lost: bool):
    found = tally([*_asked(before, 200, 20), *_asked(after, 404, 30)])
    assert found is not None
    assert bool(found["lost"]) == lost

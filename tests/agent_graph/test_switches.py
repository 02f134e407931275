"""What a change means: a flag that no restart takes back, a restart that a setting caused, machines away by a plan."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.remedies import remedy
from agent_graph.sources.changes import evidence_of
from backend.investigation.kinds import CaseFile, Evidence, Proposal
from tests.agent_graph.cases import BEGAN, alert, case, container, logs, metric

FAILING = logs(*(f"03:0{minute}:00 ERROR unhandled exception: IndexError in rank()" for minute in range(1, 9)))
SIX_ERRORS = metric("errors", *[0.0] * 5, *[15.0] * 10)


def _change(told: CaseFile, kind: str, target: str, summary: str, minutes_before: float = 3) -> list[Evidence]:
    at = (BEGAN - timedelta(minutes=minutes_before)).isoformat()
    found = evidence_of(told, [{"ts": at, "kind": kind, "target": target, "summary": summary}], "changes")
    return [one.model_copy(update={"label": "E7"}) for one in found]


# name: kind, target, summary of what was changed; whether a restart is still proposed
SWITCHES: dict[str, tuple[str, str, str, bool]] = {
    "a flag": ("feature_flag", "unleash/search.ranker-v2", "gradualRollout 1% -> 50%", False),
    "an experiment": ("experiment", "growthbook/checkout", "variant B for all", False),
    "a rule elsewhere": ("config", "edge/waf", "new rule set", False),
    "nobody's switch": ("deploy", "newsletter", "newsletter 19", True),
}


@pytest.mark.parametrize("name", SWITCHES)
def test_a_restart_does_not_take_a_switch_back(name: str):
    kind, target, summary, restarted = SWITCHES[name]
    told = case()
    evidence = [container(Running=True, health="unhealthy"), FAILING, SIX_ERRORS, *_change(told, kind, target, summary)]
    found = remedy(told, analyse(told, evidence), evidence)
    assert isinstance(found, Proposal) == restarted


IN_CLUSTER = alert(labels={"alertname": "NodeNotReady", "cluster": "eu-prod"})
OF_TEAM = alert(labels={"alertname": "HostDown", "env": "prod", "team": "shop", "cluster": "eu-prod"})
IN_GROUP = alert(labels={"alertname": "NodeNotReady", "cluster": "eu-prod", "nodegroup": "ng-apps"})
# name: is the target a machine, the change's kind, target, summary; the sign that is made of it
MEANT: dict[str, tuple[dict[str, Any], tuple[str, str, str], tuple[str, str] | None]] = {
    "a pool's upgrade, by its hours": (
        {"name": "aks-apps-0004", "source_type": "host"},
        ("platform", "aks/apps", "upgrade 1.29 -> 1.30 one by one, 02:00-05:00"),
        ("planned", "proof"),
    ),
    "the upgrade of a pool that is told with its cluster": (
        {"name": "aks-apps-38127744-vmss00000c", "source_type": "host", "alerts": [IN_CLUSTER]},
        ("maintenance", "aks/eu-prod/apps", "planned maintenance window 02:00-05:00"),
        ("planned", "proof"),
    ),
    "the upgrade of a pool of another cluster": (
        {"name": "aks-apps-38127744-vmss00000c", "source_type": "host", "alerts": [IN_CLUSTER]},
        ("maintenance", "aks/us-prod/apps", "planned maintenance window 02:00-05:00"),
        None,
    ),
    "the upgrade of another pool": (
        {"name": "aks-apps-38127744-vmss00000c", "source_type": "host", "alerts": [IN_CLUSTER]},
        ("maintenance", "aks/eu-prod/batch", "planned maintenance window 02:00-05:00"),
        None,
    ),
    "the upgrade of a pool that the alert names": (
        {"name": "ip-10-2-7-19", "source_type": "host", "alerts": [IN_GROUP]},
        ("maintenance", "eks/eu-prod/ng-apps", "planned maintenance window 02:00-05:00"),
        ("planned", "proof"),
    ),
    "the upgrade of a pool that the alert does not name": (
        {"name": "ip-10-2-7-19", "source_type": "host", "alerts": [IN_GROUP]},
        ("maintenance", "eks/eu-prod/ng-batch", "planned maintenance window 02:00-05:00"),
        None,
    ),
    **{
        f"the upgrade of {pool}, whose name {called} holds behind another": (
            {"name": called, "source_type": "host", "alerts": [OF_TEAM]},
            ("maintenance", pool, "planned maintenance window 02:00-05:00"),
            None,
        )
        for called, pool in (
            ("billing-db-1", "prod/db"),
            ("billing-db-1", "gcp/prod/db"),
            ("shop-web-2", "shop/prod/web"),
            ("cache-web-1", "aks/eu-prod/web"),
        )
    },
    "the upgrade of a pool behind its cluster": (
        {"name": "gke-eu-prod-batch-9f3-x2x4", "source_type": "host", "alerts": [OF_TEAM]},
        ("maintenance", "gke/eu-prod/batch", "planned maintenance window 02:00-05:00"),
        ("planned", "proof"),
    ),
    "kernel patches, by their hours": (
        {"name": "web-3", "source_type": "host"},
        ("patch", "web-3", "reboots for kernel 6.8, 02:00-05:00"),
        ("planned", "proof"),
    ),
    "an upgrade that was to be over": (
        {"name": "web-3", "source_type": "host"},
        ("patch", "web-3", "reboots for kernel 6.8, 00:00-02:00"),
        None,
    ),
    "an upgrade under a service excuses no crash of it": (
        {"name": "web"},
        ("platform", "web", "upgrade of the nodes, 02:00-05:00"),
        None,
    ),
    "rolled because a setting changed": (
        {"name": "web"},
        ("restart", "web", "rolled because configmap endpoints changed"),
        ("bad_deploy", "strong"),
    ),
    "restarted by hand": ({"name": "web"}, ("restart", "web", "restarted by j.doe"), None),
}


@pytest.mark.parametrize("name", MEANT)
def test_what_a_change_means_for_its_target(name: str):
    about, change, sign = MEANT[name]
    found = _change(case(**about), *change)
    meant = {(one["category"], one["weight"]) for one in found[0].data["signs"]} - {("planned", "weak")}
    assert meant == ({sign} if sign else set())


@pytest.mark.parametrize(("hours", "away"), [("02:30-04:00", ["metal-07"]), ("00:30-02:00", [])])
def test_a_machine_beside_it_is_away_in_the_announced_hours(hours: str, away: list[str]):
    (found,) = _change(case(), "maintenance", "metal-07", f"announced: powered down, {hours}", 40)
    assert [one["name"] for one in found.data.get("away", [])] == away

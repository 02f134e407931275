"""Away as announced: only what was said to be away is, and nothing broke as it went."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.analysts.rules.well.planned_work import announced, foreseen
from agent_graph.sources.changes import evidence_of as changes_of
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import BEGAN, alert, case, container, logs

GOES = ["INFO serving", "INFO serving", "INFO received SIGTERM, shutting down", "INFO shutdown complete"]
BREAKS = ["INFO serving", "ERROR failover to replica cache-2", "panic: invalid memory address", "SIGSEGV"]
THROWS = ["INFO shutting down idle worker", "ERROR java.lang.NullPointerException: null"]
FOR_GOOD = "web is powered off for good, decommissioned"
PRICES = "planned price change announced for Monday"
HOURS = "planned maintenance 02:30-04:00 UTC"
TODAY, TOMORROW = "brown-out 14 and 21 November 02:30-04:00 UTC", "maintenance 22 November 02:30-04:00 UTC"
OVERNIGHT, LAST_NIGHT = "maintenance on Nov 20, 22:00-04:00 UTC", "maintenance on Nov 19, 22:00-04:00 UTC"
MONTHS = 60 * 24 * 60
SALE = "spring sale planned and announced, 02:30-04:00 UTC"
DRILL = "game day: packets to the store are lost, 02:30-04:00 UTC"
LOSES = [f"ERROR store answers late, attempt {n}" for n in range(60)]


def _announced(summary: str, minutes: float = 120) -> Evidence:
    row = {
        "ts": (BEGAN - timedelta(minutes=minutes)).isoformat(),
        "kind": "announcement",
        "target": "web",
        "summary": summary,
    }
    return changes_of(case(), [row], "changes")[0].model_copy(update={"label": "E9"})


# What was announced for which hours, how many minutes before, and whether that is now.
IN_FORCE: dict[str, tuple[str, float, bool]] = {
    "of these days one is today": (TODAY, 120, True),
    "months before, for today": (TODAY, MONTHS, True),
    "months before, for no day": (HOURS, MONTHS, False),
    "for tomorrow": (TOMORROW, 120, False),
    "over midnight": (OVERNIGHT, 60 * 12, True),
    "over another midnight": (LAST_NIGHT, 60 * 40, False),
    "gone for good since": ("web..3 (10.0.0.1-3) will be deleted 21 Nov 02:45 UTC", 60 * 24, True),
    "gone for good by tonight": ("web..3 (10.0.0.1-3) will be deleted 21 Nov 22:45 UTC", 60 * 24, False),
    "gone for good tomorrow": ("web will be deleted 22 Nov 02:45 UTC", 60 * 24, False),
    "another goes for good": ("web: the old bucket will be deleted 21 Nov 02:45 UTC", 60 * 24, False),
}


@pytest.mark.parametrize("name", IN_FORCE)
def test_an_announcement_holds_for_the_days_that_it_names(name: str):
    summary, minutes, now = IN_FORCE[name]
    signs = _announced(summary, minutes).data["signs"]
    assert [(sign["category"], sign["weight"]) for sign in signs] == ([("planned", "proof")] if now else [])


# What the target is called, the machines that the alerts name, what the announcement is for, and whether that is it.
MACHINES: dict[str, tuple[str, list[str], str, bool]] = {
    "a page of it": ("wiki.example.org", [], "wiki", True),
    "a page of another": ("wiki.example.org", [], "shop", False),
    "what many are called": ("www.example.org", [], "www", False),
    "the machine that it is on": ("fax-bridge", ["fax-01:9117"], "fax-01", True),
    "who tells of it": ("fax-bridge", ["blackbox-1.mon.example:9115"], "blackbox-1", False),
    "by its full name": ("fax-bridge", ["fax-01.office.example:9117"], "fax-01", True),
    "another machine": ("fax-bridge", ["fax-02:9117"], "fax-01", False),
    "one of two machines": ("fax-bridge", ["fax-01:9117", "fax-02:9117"], "fax-01", False),
}


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("kind", ["calendar", "maintenance"])
def test_what_is_announced_for_its_machine_is_announced_for_it(name: str, kind: str):
    called, told, target, meant = MACHINES[name]
    about = case(called, alerts=[alert(labels={"instance": one, "job": called}) for one in told])
    at = (BEGAN - timedelta(hours=2)).isoformat()
    row = {"ts": at, "kind": kind, "target": target, "summary": f"announced: {HOURS}"}
    signs = changes_of(about, [row], "changes")[0].data["signs"]
    assert [(sign["category"], sign["weight"]) for sign in signs] == ([("planned", "proof")] if meant else [])


CLUSTER_TELLS = {"instance": "kube-state-metrics.monitoring.svc:8080", "job": "kube-state-metrics"}
# Labels of the alert of web, what the announcement is for, and whether it is that of its machine.
TELLERS: dict[str, tuple[dict[str, str], str, bool]] = {
    "its own exporter": ({"instance": "box-7:9117", "job": "web"}, "box-7", True),
    "a machine called after it": ({"instance": "eu-web-3:9117", "job": "things"}, "eu-web-3", True),
    "its prober": ({"instance": "blackbox-web:9115", "job": "web"}, "blackbox-web", False),
    "its machine by name": ({"host": "box-7"}, "box-7", True),
    "another's exporter": ({"instance": "box-7:9117", "job": "things"}, "box-7", False),
    "the cluster's": ({**CLUSTER_TELLS, "pod": "web-1"}, "kube-state-metrics", False),
    "the cluster's, without a place": (CLUSTER_TELLS, "kube-state-metrics", False),
    "its own, of a pod": ({"instance": "box-7:9117", "job": "web", "namespace": "shop"}, "box-7", False),
    "the machine of a pod": ({"node": "box-7", "namespace": "shop", "pod": "web-1"}, "box-7", False),
    "a prober": ({"instance": "blackbox-1.mon.example:9115", "job": "web"}, "blackbox-1", False),
}


@pytest.mark.parametrize("name", TELLERS)
def test_what_is_announced_for_who_tells_of_it_is_not_announced_for_it(name: str):
    labels, target, meant = TELLERS[name]
    at = (BEGAN - timedelta(hours=2)).isoformat()
    row = {"ts": at, "kind": "maintenance", "target": target, "summary": f"{target} is unavailable: {HOURS}"}
    told = case(alerts=[alert(labels=labels)])
    found = changes_of(told, [row], "changes")
    assert bool(found[0].data["signs"]) is meant
    looping = container(restarts=9, Running=False, ExitCode=3, policy="always")
    labelled = [one.model_copy(update={"label": "E8"}) for one in found]
    assert meant or analyse(told, [looping, *labelled, logs("INFO starting")]).verdict == "incident"


# What was announced, what it says itself, its exit code; and whether it is away as announced.
ANNOUNCED: dict[str, tuple[str, list[str], int, bool]] = {
    "off for good, and it says so": (FOR_GOOD, GOES, 0, True),
    "off for good, and it says nothing": (FOR_GOOD, GOES[:2], 0, False),
    "off for good, and it said so yesterday": (FOR_GOOD, ["2026-11-20T03:00:00Z INFO shutting down"], 0, False),
    "off for good, and it crashed": (FOR_GOOD, BREAKS, 139, False),
    "off for good, and it complains up to now": (FOR_GOOD, [*GOES, *LOSES], 0, False),
    "prices change, and it goes": (PRICES, GOES, 0, False),
    "prices change, and it crashed": (PRICES, BREAKS, 139, False),
    "prices change, and it throws": (PRICES, THROWS, 1, False),
    "by the hour": (HOURS, GOES[:2], 0, True),
    "by the hour, and it crashed": (HOURS, BREAKS, 139, False),
    "by the hour, and it complains up to now": (HOURS, LOSES, 1, False),
    "a sale by the hour, and it is away": (SALE, GOES, 0, False),
    "things go wrong by the hour": (DRILL, LOSES, 1, True),
}


@pytest.mark.parametrize("name", ANNOUNCED)
def test_only_what_was_said_to_be_away_is_away_as_announced(name: str):
    summary, said, code, well = ANNOUNCED[name]
    stamped = [
        line if line[0] == "2" else f"{BEGAN + timedelta(seconds=9 * n):%Y-%m-%dT%H:%M:%SZ} {line}"
        for n, line in enumerate(said)
    ]
    seen = [container(ExitCode=code), logs(*stamped), _announced(summary)]
    found = analyse(case(alerts=[alert()]), seen)
    assert ("as announced" in found.root_cause) is well
    assert (found.verdict == "not_an_incident") is well


CDC = "maintenance crm: connector stopped 02:30-04:00, slot debezium_crm keeps its WAL"
# What was announced, how full the disk is, whose slot is behind besides, and whether that is what was announced.
SLOTS: dict[str, tuple[str, float, str, bool]] = {
    "who reads the slot": (CDC, 0.5, "debezium_crm", True),
    "somebody else": ("maintenance crm: connector stopped 02:30-04:00", 0.5, "debezium_crm", False),
    "a disk without room": (CDC, 0.93, "debezium_crm", False),
    "a copy that is late, too": (CDC, 0.5, "standby_b", False),
}


@pytest.mark.parametrize("name", SLOTS)
def test_a_slot_is_behind_as_announced_while_its_reader_is_away_and_there_is_room(name: str):
    said, share, other, well = SLOTS[name]
    behind = [
        Sign("E3", "postgres", "replication_lag", "proof", f"replication {slot}: behind 305 MiB", slot, None, "behind")
        for slot in ("debezium_crm", other)
    ]
    plan = Sign("E4", "changes", "planned", "proof", said, "crm", BEGAN, said)
    disk = Metric("E5", "disk", "node_filesystem_avail_bytes{}: 50%", [(BEGAN.timestamp(), share)], 1.0, None)
    facts = Facts(case(alerts=[alert()]), signs=[*behind, plan], metrics=[disk])
    assert (announced(facts, ["replication_lag"]) is not None) == well
    assert announced(facts, ["replication_lag", "disk_pressure"]) is None


# What was announced for this hour, what else is wrong, and whether the rejected writes were foreseen.
FORESEEN: dict[str, tuple[str, str, bool]] = {
    "in so many words": ("reindex 02:30-05:00, write rejections expected and retried", "rejected{} 0 → 3", True),
    "not at all": ("reindex 02:30-05:00, no rejections expected", "rejected{} 0 → 3", False),
    "something else": ("reindex 02:30-05:00, slower searches expected", "rejected{} 0 → 3", False),
    "more than that": ("reindex 02:30-05:00, write rejections expected and retried", "disk{} 90% → 97%", False),
}


@pytest.mark.parametrize("name", FORESEEN)
def test_what_work_brings_is_well_where_it_was_foreseen_and_no_more(name: str):
    said, seen, well = FORESEEN[name]
    fires = alert(name="WriteRejections", annotations={"summary": "writes are rejected"})
    good = Sign("E3", "prometheus", "healthy", "strong", "latency_p95: 0.1 → 0.1", "web", None, "as before")
    signs = [
        Sign("E4", "changes", "planned", "proof", said, "web", BEGAN, said),
        Sign("E5", "prometheus", "trouble", "strong", seen, "web", BEGAN, "too much"),
    ]
    facts = Facts(case(alerts=[fires]), signs=[good, *signs])
    assert (foreseen(facts, []) is not None) == well
    assert foreseen(Facts(case(alerts=[fires]), signs=signs), []) is None


@pytest.mark.parametrize(("other", "well"), [("web-3", True), ("web-4", False), ("db-4", True)])
def test_who_is_away_beside_those_that_were_announced_by_number_is_missed(other: str, well: bool):
    said = "web-1..3 (10.0.0.1-3) will be deleted 21 Nov 02:45 UTC"
    plan = Sign("E4", "changes", "planned", "proof", said, "web", BEGAN, said)
    lost = [f'up{{hostname="{one}", job="node"}}: 1 → 0' for one in ("web-1", other)]
    gone = [Sign("E3", "prometheus", "trouble", "strong", one, "up", BEGAN, "it is down") for one in lost]
    told = case("web-1", alerts=[alert()])
    assert (announced(Facts(told, signs=[plan, *gone]), []) is not None) is well


# What a platform marked the machine with; is its absence explained
MARKS: dict[str, bool] = {
    "aws-node-termination-handler/spot-itn": True,
    "ToBeDeletedByClusterAutoscaler": True,
    "karpenter.sh/disrupted": True,
    # Put on what broke, by whoever repairs it.
    "node.kubernetes.io/out-of-service": False,
}


@pytest.mark.parametrize("mark", MARKS)
def test_a_machine_that_its_platform_marked_before_it_took_it_is_away_as_told(mark: str):
    means = f"it is tainted {mark}, and no workload of 4 misses a replica"
    told = Sign("E3", "kubernetes", "planned", "proof", f"node web: it is tainted {mark}", "web", None, means)
    gone = Sign("E3", "kubernetes", "trouble", "strong", "node web is not well", "web", BEGAN, "")
    facts = Facts(case(source_type="host", alerts=[alert(name="KubeNodeNotReady")]), signs=[told, gone])
    assert (announced(facts, ["node_failure"]) is not None) == MARKS[mark]

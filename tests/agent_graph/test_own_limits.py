"""What a store allows itself, what does not fit, and whom a firewall keeps away: none is what it first looks like."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.signatures.config_error import match as misconfigured
from agent_graph.analysts.rules.signatures.disk_pressure import match as without_room
from agent_graph.analysts.rules.signatures.quota_exceeded import match as over_quota
from agent_graph.sources.measures import measures_of
from agent_graph.sources.metric_evidence import evidence_of
from agent_graph.sources.series import Series
from backend.investigation.kinds import Category
from tests.agent_graph.cases import BEGAN, NOW, alert, case, logs
from tests.agent_graph.test_metric_shapes import always, series, since

OWN = "ERROR lock not renewed: etcdserver: mvcc: database space exceeded"
DISK = "ERROR write /var/lib/etcd/member/wal: no space left on device"
BAD = Sign("E1", "prometheus", "trouble", "strong", "up: 1 → 0", "up", BEGAN, "")


def _line(text: str) -> LogLine:
    return LogLine("E2", text, text, "error", BEGAN, 1)


# name: what is said, whether it is a quota's and whether it is the disk's
FULL: dict[str, tuple[tuple[str, ...], bool, bool]] = {
    "its own limit": ((OWN,), True, False),
    "the disk": ((DISK,), False, True),
    "both": ((OWN, DISK), True, True),
    "what a user may have of it": (("ERROR OSError: [Errno 122] Disk quota exceeded: '/srv/a.tmp'",), True, False),
}


@pytest.mark.parametrize("name", FULL)
def test_a_store_that_has_reached_its_own_limit_has_a_disk_with_room(name: str):
    said, quota, disk = FULL[name]
    facts = Facts(case(), lines=[_line(text) for text in said], signs=[BAD])
    assert (over_quota(facts) is not None, without_room(facts) is not None) == (quota, disk)


def test_how_full_a_store_is_measured_to_be_stands_behind_what_it_says():
    stored = series("etcd_mvcc_db_total_size_in_bytes", since(2.1e9, 2.147e9))
    measured = evidence_of(case(), measures_of(case(), [stored, QUOTA]), BEGAN, NOW)
    told = case(alerts=[alert()])
    found = [logs(*[OWN] * 4), *(one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(measured, start=3))]
    draft = analyse(told, found)
    assert (draft.category, draft.confidence) == ("quota_exceeded", "confirmed")
    assert any("etcd_mvcc_db_total_size" in cite.quote for cite in draft.hypotheses[0].supporting)


QUOTA = series("etcd_server_quota_backend_bytes", always(2.147e9))
LENT = "aws_rds_burst_balance_average"
SLOW = [series("db_commit_latency_seconds", since(0.004, 0.9))]
# name: what is left of the credits, what else is measured, whether that they are spent is why
CREDITS: dict[str, tuple[list[Series], list[Series], bool]] = {
    "spent as it became slow": ([series(LENT, since(12, 0))], SLOW, True),
    "some are left": ([series(LENT, since(40, 12))], SLOW, False),
    "spent, and nobody feels it": ([series(LENT, since(12, 0))], [], False),
    "there never were any": ([series(LENT, always(0))], SLOW, False),
}


@pytest.mark.parametrize("name", CREDITS)
def test_who_has_spent_its_credits_is_slow_for_want_of_them(name: str):
    lent, felt, spent = CREDITS[name]
    measured = evidence_of(case(), measures_of(case(), [*lent, *felt]), BEGAN, NOW)
    told = [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(measured, start=1)]
    finding = over_quota(read(case(), told))
    assert (finding is not None) is spent
    assert finding is None or "slow_query" in finding.explains


# name: what is said, whether it is a matter of settings
FITS: dict[str, tuple[str, bool]] = {
    "a tool that is older than its server": ("pg_dump: error: aborting because of server version mismatch", True),
    "data of an older server": ("FATAL: database files are incompatible with server", True),
    "a database that is not there": ('FATAL: database "ledger" does not exist', True),
    "a function that is not there": ("Database migration failed: function slug(text) does not exist", False),
}


@pytest.mark.parametrize("name", FITS)
def test_versions_that_do_not_fit_are_a_matter_of_settings(name: str):
    said, settings = FITS[name]
    assert (misconfigured(Facts(case(), lines=[_line(said)], signs=[BAD])) is not None) is settings


REFUSED = "ERROR orders: [2002] No route to host (mysql:host=db)"
PACKET = "FWD_drop: IN=br-1 OUT=br-1 SRC=172.28.0.5 DST=172.28.0.3 LEN=60 TTL=64 PROTO=TCP SPT=39592 DPT=3306"
# name: what the kernel logs, what leads
DROPPED: dict[str, tuple[str, Category]] = {
    "a firewall drops it": (PACKET, "network_error"),
    "a firewall lets it through": (PACKET.replace("drop", "seen"), "dependency_failure"),
}


@pytest.mark.parametrize("name", DROPPED)
def test_whom_a_firewall_keeps_away_is_not_down(name: str):
    said, leads = DROPPED[name]
    early = [f"2026-11-21T02:{minute}:00Z INFO order placed" for minute in range(30, 59, 3)]
    own = logs(*early, *[REFUSED] * 4).model_copy(update={"window_start": BEGAN - timedelta(minutes=40)})
    kernel = logs(*[said] * 3, label="E3").model_copy(update={"title": "Logs of the machine"})
    kernel = kernel.model_copy(update={"data": {**kernel.data, "own": False}})
    fires = logs(label="E1").model_copy(
        update={"source": "alert", "kind": "event", "content": "WebDown (firing)", "data": {"firing": 1}}
    )
    assert analyse(case(alerts=[alert()]), [fires, own, kernel]).category == leads

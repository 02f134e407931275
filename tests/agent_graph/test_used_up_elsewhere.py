"""What is used up or away is not always the target's own: ports, machines, room for a copy, a party that rests."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.noise import without_usual
from agent_graph.analysts.rules.platform_remedies import beyond_a_restart
from agent_graph.analysts.rules.signatures import (
    connection_exhaustion,
    dependency_failure,
    disk_pressure,
    quota_exceeded,
    rate_limited,
)
from agent_graph.sources.kubernetes.containers import both_ends
from tests.agent_graph.cases import BEGAN, case

FAILS = Sign("E1", "prometheus", "trouble", "strong", "web_errors{}: 0 → 9", "web", BEGAN, "it is worse than before")
WAITS = Sign(
    "E1", "kubernetes", "scheduling_failure", "proof", "web-1: Unschedulable", "web-1", BEGAN, "cannot be placed"
)


def said(text: str, *, speaker: str = "", level: Any = "error") -> LogLine:
    return LogLine("E2", text, text, level, BEGAN + timedelta(minutes=3), 5, speaker)


def measured(line: str, role: str, values: list[float]) -> Metric:
    points = [((BEGAN + timedelta(minutes=n - len(values))).timestamp(), value) for n, value in enumerate(values)]
    return Metric("E3", role, line, points, 1.0, None)


@pytest.mark.parametrize(
    ("series", "blamed"),
    [
        ('aws_natgateway_error_port_allocation_sum{az="1b"}: 0 → 9000', True),
        ('azure_snat_connection_failed_total{lb="out"}: 0 → 120', True),
        ("web_errors_total{}: 0 → 120", False),
        ("aws_natgateway_idle_timeout_count_sum{}: 0 → 52", False),
    ],
)
def test_an_address_without_a_port_left_leaves_all_behind_it_without_connections(series: str, blamed: bool):
    sign = Sign("E3", "prometheus", "trouble", "strong", series, "", BEGAN, "well above what it was before")
    found = connection_exhaustion.match(Facts(case(), signs=[FAILS, sign]))
    assert (found is not None and "network_error" in found.explains) == blamed


def test_whoever_shares_an_address_gets_no_port_by_starting_anew():
    series = 'aws_natgateway_error_port_allocation_sum{az="1b"}: 0 → 9000'
    sign = Sign("E3", "prometheus", "trouble", "strong", series, "", BEGAN, "well above what it was before")
    assert beyond_a_restart(Facts(case(), signs=[FAILS, sign]), "connection_exhaustion", "")
    assert not beyond_a_restart(Facts(case(), signs=[FAILS]), "connection_exhaustion", "")


REFUSED = "launching nodeclaim: creating instance, VcpuLimitExceeded: more vCPU capacity than your current limit"


@pytest.mark.parametrize(
    ("line", "signs", "blamed"),
    [
        (REFUSED, [WAITS], True),
        ("scale-up of node group web failed: QUOTA_EXCEEDED for CPUS in region", [WAITS], True),
        # Nothing waits; or who says so brings no machines.
        (REFUSED, [FAILS], False),
        ("upload failed: QUOTA_EXCEEDED for bucket pictures", [WAITS], False),
    ],
)
def test_what_waits_for_a_machine_that_a_quota_forbids_lacks_the_quota(line: str, signs: list[Sign], blamed: bool):
    told = Facts(case(), signs=signs, around=[said(line, speaker="karpenter")])
    assert (quota_exceeded.match(told) is not None) == blamed


def test_who_brings_machines_is_heard_however_slowly_it_repeats_what_it_was_answered():
    line, other = said(REFUSED, speaker="karpenter"), said("cache is slow", speaker="karpenter")
    told = Facts(case(), signs=[WAITS], around=[line, other])
    aside = {(one.evidence, one.text) for one in (line, other)}
    assert without_usual(told, set(), aside).around == [line]


@pytest.mark.parametrize(
    ("line", "explains"),
    [
        ("[ERROR] Disk is full writing './db2-relay-bin.004411' (OS errno 28 - No space left on device)", True),
        ("could not write temporary file: No space left on device", False),
    ],
)
def test_a_copy_without_room_for_what_it_is_sent_is_late_for_that(line: str, explains: bool):
    full = measured("node_filesystem_avail_bytes{}: 60% → 100%", "disk", [0.6, 0.8, 1.0, 1.0])
    found = disk_pressure.match(Facts(case(), signs=[FAILS], lines=[said(line)], metrics=[full]))
    assert found is not None
    assert ("replication_lag" in found.explains) == explains
    # Full since it was measured to be, not since somebody said so.
    assert found.onset == BEGAN - timedelta(minutes=2)


@pytest.mark.parametrize(
    ("line", "limited"),
    [
        ('quote failed http_status=503 resp_headers={"retry-after": "600"}', False),
        ('quote failed http_status=429 resp_headers={"retry-after": "600"}', True),
        ('quote failed resp_headers={"retry-after": "600"}', True),
        ("503 Slow Down: please reduce your request rate, retry-after: 5", True),
    ],
)
def test_who_is_away_for_a_while_says_when_to_come_again_and_limits_nobody(line: str, limited: bool):
    assert (rate_limited.match(Facts(case(), signs=[FAILS], lines=[said(line)])) is not None) == limited


def check(host: str, last: float) -> Metric:
    return measured(f'probe_success{{instance="https://{host}/ping"}}: 1 → {last:.0f}', "probe", [1.0, 1.0, last])


@pytest.mark.parametrize(
    ("checks", "seen"),
    [
        ([check("api.staywell.example", 0), check("api.other.example", 1)], True),
        ([check("api.staywell.example", 1), check("api.other.example", 0)], False),
        # Nobody outside can be asked: that is the way out.
        ([check("api.staywell.example", 0), check("api.other.example", 0)], False),
    ],
)
def test_a_party_that_does_not_answer_its_own_check_is_why_the_pool_fills(checks: list[Metric], seen: bool):
    signs = [
        Sign("E3", "prometheus", "trouble", "strong", one.line, "", BEGAN, "it does not answer")
        for one in checks
        if not one.last
    ]
    line = said('partner=staywell status=503 body="no healthy upstream"')
    found = dependency_failure.match(Facts(case(), signs=[FAILS, *signs], lines=[line], metrics=checks))
    assert found is not None
    assert ("connection_exhaustion" in found.explains, found.rooted) == (seen, seen)


@pytest.mark.parametrize(
    ("speaker", "told"), [("geocoder", True), ("billing", False)], ids=["its own words", "another's"]
)
def test_what_is_down_is_told_with_what_it_says_itself(speaker: str, told: bool):
    down = Sign(
        "E3",
        "kubernetes",
        "other_down",
        "strong",
        "pod geocoder-7f9d7f8b86-9zq4w",
        "geocoder-7f9d7f8b86-9zq4w",
        None,
        "it is down",
    )
    heard = [said("thread 'main' panicked at src/read.rs:61:38", speaker=speaker, level=None)]
    alert = LogLine("E4", "firing", "firing", None, BEGAN, 1).cite()
    facts = Facts(case(), signs=[FAILS, down], around=heard, alert=alert, platform={"needs": ["geocoder:8080"]})
    found = dependency_failure.match(facts)
    assert found is not None
    assert ("panicked at" in found.statement) == told


def test_the_last_words_of_a_chain_of_errors_are_kept_with_the_first():
    chain = "cannot open storage: " + "while opening it: " * 30 + "open /data/flock.lock: permission denied"
    told = both_ends(chain)
    assert told.startswith("cannot open storage: ")
    assert told.endswith("permission denied")
    assert len(told) <= 250
    assert both_ends("exit 1") == "exit 1"

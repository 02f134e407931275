"""What a release multiplied, a proxy does not wait for, or a late copy does not have: nearer than what comes of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.signatures.asks_more import asks_more
from agent_graph.analysts.rules.signatures.changed_there import changed_there
from agent_graph.analysts.rules.signatures.odd_copy import odd_copy
from agent_graph.analysts.rules.signatures.patience import out_of_patience
from agent_graph.analysts.rules.signatures.protocols import protocols_differ
from agent_graph.analysts.rules.signatures.read_too_early import read_too_early
from agent_graph.analysts.rules.well.wellness import recovered
from tests.agent_graph.cases import BEGAN, case

FAILS = Sign("E1", "prometheus", "trouble", "strong", "web_errors{}: 0 → 9", "web", BEGAN, "it is worse than before")


def said(text: str, *, minutes: float = 0, level: Any = "error", speaker: str = "") -> LogLine:
    return LogLine("E2", text, text, level, BEGAN + timedelta(minutes=minutes), 1, speaker)


def measured(line: str, before: float, after: float, role: str = "other", *, from_minute: int = -30) -> Metric:
    """A series that turned four minutes before it began."""
    turned = BEGAN - timedelta(minutes=4)
    moments = [BEGAN + timedelta(minutes=n) for n in range(from_minute, 10)]
    points = [(at.timestamp(), after if at >= turned else before) for at in moments]
    return Metric("E3", role, f"{line}: {before} → {after}", points, None, turned if before != after else None)


def facts(**more: Any) -> Facts:
    told: dict[str, Any] = {"signs": [FAILS], **more}
    return Facts(case(), **told)


RELEASE, SWEEP = "deploy shop/web: 2.0 -> 2.1 lists with pictures", "config shop/web: log level set"
PER_PAGE = "web_sql_queries_per_request_avg{}"


@pytest.mark.parametrize(
    ("change", "metrics", "blamed"),
    [
        (RELEASE, [measured(PER_PAGE, 8, 400)], True),
        # As many for each request, and more requests.
        (RELEASE, [measured(PER_PAGE, 8, 9), measured("web_requests{}", 50, 900)], False),
        (SWEEP, [measured(PER_PAGE, 8, 400)], False),
        # Of all who ask, the one that was released.
        (
            "deploy app/till: 3 -> 4",
            [measured(f'asked{{client="{c}"}}', 9, n) for c, n in (("till", 900), ("pos", 9))],
            True,
        ),
        ("deploy app/till: 3 -> 4", [measured(f'asked{{client="{c}"}}', 9, 900) for c in ("till", "pos")], False),
    ],
)
def test_a_release_that_asks_many_times_more_is_why_nothing_is_left_for_others(
    change: str, metrics: list[Metric], blamed: bool
):
    found = asks_more(facts(changes=[said(change, minutes=-5, level="info")], metrics=metrics))
    assert (found is not None and "connection_exhaustion" in found.explains) == blamed


def copies(**rates: float) -> list[Metric]:
    return [
        measured(f'errors{{pod="web-{pod}"}}', rate, rate, "errors" if rate > 1 else "few_errors")
        for pod, rate in ((pod.replace("_", "-"), rate) for pod, rate in rates.items())
    ]


OLD = {"5f6b7c8d9f_aa1bb": 0.0, "5f6b7c8d9f_cc2dd": 0.01}


@pytest.mark.parametrize(
    ("rates", "blamed"),
    [
        ({**OLD, "7d8c9b6f5d_ee3ff": 7.0}, True),
        # One of its own kind is well, or some of both fail.
        ({**OLD, "5f6b7c8d9f_ee3ff": 7.0}, False),
        ({**OLD, "5f6b7c8d9f_gg4hh": 7.0, "7d8c9b6f5d_ee3ff": 7.0}, False),
        # A single copy of the other kind is no comparison.
        ({"5f6b7c8d9f_aa1bb": 0.0, "7d8c9b6f5d_ee3ff": 7.0}, False),
    ],
)
def test_where_copies_of_one_version_alone_fail_the_version_is_why_and_nothing_is_over(
    rates: dict[str, float], blamed: bool
):
    over = Sign("E4", "prometheus", "trouble_over", "strong", "waits{}: 0 → 0", "", None, "it is back")
    good = [Sign("E4", "prometheus", "healthy", "strong", f"m{n}{{}}: 1 → 1", "", None, "as ever") for n in range(3)]
    told = facts(signs=[over, *good], metrics=copies(**rates))
    assert (odd_copy(told) is not None) == blamed
    assert (recovered(told) is None) == blamed


TIMED_OUT = "[error] 39#45: upstream timed out (110: Operation timed out) while reading response header from upstream"
TAKES = measured("export_duration_seconds{}", 20, 20, "latency")
AS_EVER = Sign("E3", "prometheus", "healthy", "strong", TAKES.line, "", None, "it did not change")
IN_FRONT = "config ingress/ingress-nginx-controller: sync of its ConfigMap, timeouts normalised"


@pytest.mark.parametrize(
    ("change", "signs", "blamed"),
    [
        (IN_FRONT, [FAILS, AS_EVER], True),
        # It takes longer, or nobody measured it; or somebody else was set anew.
        (IN_FRONT, [FAILS], False),
        ("config shop/web: nginx is asked for more", [FAILS, AS_EVER], False),
        ("deploy ingress/ingress-nginx-controller: 4.1 -> 4.2", [FAILS, AS_EVER], False),
    ],
)
def test_a_proxy_that_was_set_anew_gives_up_on_work_that_takes_as_long_as_ever(
    change: str, signs: list[Sign], blamed: bool
):
    changes, around = [said(change, minutes=-1, level="info")], [said(TIMED_OUT, speaker="ingress")]
    found = out_of_patience(facts(signs=signs, changes=changes, around=around, metrics=[TAKES]))
    assert (found is not None and found.category == "config_error") == blamed


@pytest.mark.parametrize(
    ("line", "blamed"),
    [
        (
            '{"response_code":504,"response_flags":"UT","response_code_details":"response_timeout","duration":15001}',
            True,
        ),
        # What it is set to, told for information, and an answer in time.
        ("route updated: response_timeout=15s", False),
        ('{"response_code":200,"response_flags":"-","duration":1504}', False),
    ],
)
def test_who_writes_down_each_request_tells_by_its_status_that_it_gave_up(line: str, blamed: bool):
    changes, around = [said(IN_FRONT, minutes=-1, level="info")], [said(line, level="info", speaker="edge")]
    # Nothing but the alert says that it fails.
    found = out_of_patience(facts(signs=[AS_EVER], changes=changes, around=around, metrics=[TAKES]))
    assert (found is not None) == blamed


@pytest.mark.parametrize(
    ("line", "blamed"),
    [
        ('Server be/web-1 is DOWN, info: "SSL handshake failure (tlsv1 alert protocol version)"', True),
        ("javax.net.ssl.SSLHandshakeException: No appropriate protocol (protocol is disabled)", True),
        # Somebody from outside knocks with an old client; and what is no matter of encryption.
        ("SSL_do_handshake() failed (unsupported protocol) while SSL handshaking, client: 192.0.2.7", False),
        ("http: TLS handshake error from 192.0.2.7:41: tls: client offered only unsupported versions", False),
        ("unsupported protocol scheme: ftp", False),
    ],
)
def test_two_ends_that_find_no_version_in_common_are_set_differently(line: str, blamed: bool):
    assert (protocols_differ(facts(lines=[said(line)])) is not None) == blamed
    assert protocols_differ(Facts(case(), lines=[said(line)])) is None


LAG = 'mysql_slave_status_seconds_behind_master{pod="orders-replica-0"}'


@pytest.mark.parametrize(
    ("line", "minutes", "behind", "blamed"),
    [
        ("lookup failed: no row in orders for id 4711", 0, 700.0, True),
        # It was missed before the copy stood still; the copy keeps up; what is missing is no row.
        ("lookup failed: no row in orders for id 4711", -20, 700.0, False),
        ("lookup failed: no row in orders for id 4711", 0, 5.0, False),
        ("ERROR: relation orders does not exist", 0, 700.0, False),
    ],
)
def test_rows_that_are_missed_since_a_copy_stands_still_are_not_there_yet(
    line: str, minutes: float, behind: float, blamed: bool
):
    late = measured(LAG, 0, behind, "around")
    beside = Sign(
        "E3", "prometheus", "elsewhere:dependency_failure", "strong", late.line, "orders-replica", BEGAN, "late"
    )
    found = read_too_early(facts(signs=[FAILS, beside], metrics=[late], lines=[said(line, minutes=minutes)]))
    assert (found is not None and "app_crash" in found.explains) == blamed


@pytest.mark.parametrize(
    ("change", "minutes", "theirs"),
    [
        ("config shop/pricing: limit of cpus 1 -> 0.1", -3, True),
        ("config shop/pricing: limit of cpus 1 -> 0.1", -9, False),
        ("config shop/web: limit of cpus 1 -> 0.1", -3, False),
    ],
)
def test_a_neighbour_that_was_changed_later_has_its_own_reason(change: str, minutes: float, theirs: bool):
    slow = Sign("E3", "prometheus", "elsewhere:cpu_throttling", "strong", "throttled", "pricing", BEGAN, "held back")
    told = facts(signs=[FAILS, slow], changes=[said(change, minutes=minutes, level="info")])
    assert bool(changed_there(told, datetime(2026, 11, 21, 2, 52, tzinfo=UTC))) == theirs

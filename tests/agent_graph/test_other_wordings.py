"""The same situation as another product tells it is judged alike; what lacks a part of it is not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.facts import Container, Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.signatures.oom import match as oom
from agent_graph.analysts.rules.signatures.protocols import protocols_differ
from agent_graph.analysts.rules.well.audited import audited
from agent_graph.analysts.rules.well.few_asked import one_of_few
from agent_graph.analysts.rules.well.members_out import member_out
from agent_graph.analysts.rules.well.other_side import other_side_away
from agent_graph.analysts.rules.well.replayed import replayed
from agent_graph.analysts.rules.well.still_growing import still_grows
from agent_graph.analysts.rules.well.taken_over import taken_over
from tests.agent_graph.cases import NOW, alert, case

GOOD = Sign("E5", "prometheus", "healthy", "strong", "failures: 0 → 0", "web", None, "as before")


def said(text: str, minutes: float = 0, level: Any = None) -> LogLine:
    at = NOW + timedelta(minutes=minutes)
    return LogLine("E2", f"{at:%Y-%m-%dT%H:%M:%SZ} {text}", text, level, at, 1)


def measured(called: str, *values: float, role: str = "other", turned: float | None = None) -> Metric:
    first = NOW.timestamp() - 60 * (len(values) - 1)
    points = [(first + 60 * n, value) for n, value in enumerate(values)]
    at = NOW + timedelta(minutes=turned) if turned is not None else None
    return Metric("E3", role, f"{called}: {values[0]:g} → {values[-1]:g}", points, None, at)


def worse(metric: Metric) -> Sign:
    return Sign("E3", "prometheus", "trouble", "strong", metric.line, "web", None, "it is worse")


@pytest.mark.parametrize(
    ("line", "blamed"),
    [
        ("SSLHandshakeException: Received fatal alert: protocol_version", True),
        ("ssl.SSLError: [SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version (_ssl.c:1006)", True),
        ("[SSL: UNSUPPORTED_PROTOCOL] unsupported protocol (_ssl.c:1006)", True),
        ("SSLHandshakeException: Received fatal alert: certificate_expired", False),
        ("aiohttp: unsupported_protocol_scheme: ftp", False),
    ],
)
def test_two_ends_that_find_no_version_in_common_say_so_in_many_ways(line: str, blamed: bool):
    fails = worse(measured("web_errors", 0, 9))
    assert (protocols_differ(Facts(case(), lines=[said(line, 0, "error")], signs=[fails])) is not None) == blamed


@pytest.mark.parametrize(
    ("line", "own"),
    [
        ("redis.exceptions.OutOfMemoryError: command not allowed when used memory > 'maxmemory'.", False),
        ("java.lang.OutOfMemoryError: Java heap space", True),
    ],
)
def test_who_is_turned_away_by_a_full_store_did_not_run_out_of_memory(line: str, own: bool):
    assert (oom(Facts(case(), lines=[said(line, 0, "error")])) is not None) == own


def refused(line: str) -> Facts:
    state = {"container": "web", "of_target": True, "running": True, "restart_count": 0, "health": "healthy"}
    target = Container("E1", state, {"status": "status: running", "health": "health: healthy"})
    plan = said("notice web: Redteam Ltd tries us 19-23 Nov, 02:00-18:00, source 172.31.40.9", -2_000)
    tries = worse(measured('mysql_global_status_aborted_connects:rate1m{instance="web"}', 0, 4))
    lines = [said(line, -n / 4) for n in range(20)]
    return Facts(case(alerts=[alert()]), containers=[target], lines=lines, signs=[GOOD, tries], changes=[plan])


@pytest.mark.parametrize(
    ("line", "theirs"),
    [
        ("8 [Warning] Access denied for user 'root'@'172.31.40.9' (using password: YES)", True),
        ("8 [Warning] Access denied for user 'root'@'172.31.40.8' (using password: YES)", False),
        # Who calls himself so, and comes from elsewhere.
        ("8 [Warning] Access denied for user 'x'@'172.31.40.9'@'185.220.101.4' (using password: YES)", False),
    ],
)
def test_a_tester_is_known_by_where_he_comes_from_as_a_database_quotes_it(line: str, theirs: bool):
    assert (audited(refused(line), ["permission_denied"]) is not None) == theirs


def away(words: str = "more than 50 declarations wait for ATLAS", until: str = "05:00") -> Facts:
    waits = measured('gateway_pending{channel="atlas"}', 0, 90, role="queue")
    notice = said(f"calendar atlas: ATLAS not reachable on 2026-11-21 02:30-{until} UTC", -9_000)
    fires = alert(annotations={"summary": words})
    return Facts(case(alerts=[fires]), metrics=[waits], signs=[GOOD, worse(waits)], changes=[notice])


def test_a_party_that_the_alert_names_in_its_words_may_be_away():
    assert other_side_away(away(), []) is not None
    assert other_side_away(away("more than 50 declarations wait"), []) is None
    assert other_side_away(away("more than 50 declarations wait for ATLASSIAN"), []) is None
    assert other_side_away(away(until="03:02"), []) is None


def drained(*held: float, lines: tuple[LogLine, ...] = ()) -> Facts:
    count = measured("liveness_livenodes", *[6.0] * 12, *[5.0] * 8, turned=-7.5)
    whole = measured("ranges_underreplicated", *[0.0] * 20)
    of_it = measured('replicas{node="n6"}', *held)
    plan = said("maintenance db-n6: drain and decommission n6", -55)
    return Facts(case(alerts=[alert()]), metrics=[count, whole, of_it], signs=[GOOD], changes=[plan], lines=list(lines))


def test_a_member_that_was_seen_to_be_emptied_before_it_went_is_missed_by_nobody():
    gone = said("W connection to n6 lost: connection refused", -7, "warning")
    emptied = [400.0, 300.0, 200.0, 100.0, *[0.0] * 16]
    assert member_out(drained(*emptied, lines=(gone,)), ["dependency_failure"]) is not None
    # It held something when it went, or took something on while it was emptied; others are away, too.
    assert member_out(drained(*[400.0] * 15, *[0.0] * 5), []) is None
    assert member_out(drained(400.0, 0.0, 30.0, *[0.0] * 17), []) is None
    other = said("W connection to n3 lost: connection refused", -7, "warning")
    assert member_out(drained(*emptied, lines=(gone, other)), []) is None


def asked(*ratios: float, status: int = 201) -> Facts:
    burns = alert(name="HighErrorRate", annotations={"summary": "error budget burn"})
    share = measured("errors:ratio_rate1h", *ratios, role="errors")
    lines = [said("KeyError: 'street_no'", -9, "error"), said(f'10.1.4.9 - "POST /permits HTTP/1.1" {status} 12', -5)]
    return Facts(case(alerts=[burns]), metrics=[share], signs=[GOOD, worse(share)], lines=lines)


def test_one_complaint_stands_for_the_one_request_whose_line_was_not_kept():
    assert one_of_few(asked(0, 0.1, 0.1), ["app_crash"]) is not None
    # It failed twice; or nothing was served since.
    assert one_of_few(asked(0, 0.1, 0.2), ["app_crash"]) is None
    assert one_of_few(asked(0, 0.1, 0.1, status=500), ["app_crash"]) is None


def conflicts(plan: str = "operation web: re-reading topic readings from 11:00", failed: float = 3) -> Facts:
    lost = measured("items_failed_total", 3, 3, failed, role="errors")
    lines = [said(f"[409] version conflict, document {n} already exists", -8 + n, "error") for n in range(4)]
    return Facts(case(alerts=[alert()]), metrics=[lost], signs=[GOOD], lines=lines, changes=[said(plan, -12)])


def test_what_is_read_again_conflicts_with_what_is_there():
    assert replayed(conflicts(), ["lock_contention"]) is not None
    assert replayed(conflicts(failed=40), []) is None
    assert replayed(conflicts("config web: re-read settings"), []) is None


def parked(code: int = 0, words: str = "received signal terminated, 0 open requests", plan: str = "slot-b") -> Facts:
    ended = NOW - timedelta(minutes=8)
    state = {"container": "cart-slot-a", "of_target": True, "status": "exited", "exit_code": code}
    own = Container("E1", {**state, "finished_at": ended.isoformat()}, {"status": f"exited, exit code {code}"})
    work = [
        measured('active{cluster="cart_slot_a"}', *[9] * 10, *[0] * 15),
        measured('active{cluster="cart_slot_b"}', *[0] * 9, *[9] * 16),
    ]
    told = alert(name="ContainerNotRunning", annotations={"summary": "cart-slot-a is down"})
    change = said(f"release host/cart: 24 live in {plan}", -20)
    lines = [said(words, -8)]
    return Facts(
        case("cart-slot-a", alerts=[told]), containers=[own], metrics=work, signs=[GOOD], changes=[change], lines=lines
    )


def test_who_was_taken_over_is_known_whoever_writes_names_how_and_without_the_words_of_an_engine():
    assert taken_over(parked(), ["app_crash"]) is not None
    assert taken_over(parked(143, words="bye"), ["app_crash"]) is not None
    # It ended without being asked; broke; was killed; another slot is live; an engine saw that nobody asked.
    assert taken_over(parked(words="bye"), []) is None
    assert taken_over(parked(137), []) is None
    assert taken_over(parked(2), []) is None
    assert taken_over(parked(plan="slot-c"), []) is None
    assert taken_over(replace(parked(), events=[said("die exitCode=0", -8)]), []) is None


@pytest.mark.parametrize(
    ("values", "grows"),
    [
        ([400.0 + 6 * n for n in range(60)], True),
        # It leapt and stands; goes up and down; hardly anything waits.
        ([10.0] * 30 + [300.0] * 30, False),
        ([200.0 + 150 * (n % 10 > 4) for n in range(60)], False),
        ([n / 10 for n in range(60)], False),
    ],
)
def test_what_waits_and_becomes_more_all_the_time_is_not_well(values: list[float], grows: bool):
    waits = measured("pending", *values, role="queue")
    assert still_grows(Facts(case(alerts=[alert()]), metrics=[waits])) == grows

"""Single hosts: renewals that fail in time, moved addresses, containers run once, full disks that df denies."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.context.moved import moved
from agent_graph.analysts.rules.context.running_out import running_out
from agent_graph.analysts.rules.disputed import disputed
from agent_graph.analysts.rules.engine import signs_of_events
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.well.complaints import complains
from backend.investigation.kinds import Category
from tests.agent_graph.cases import BEGAN, NOW, alert, case


def _line(said: str, at: float = 0, count: int = 1) -> LogLine:
    return LogLine("E2", said, said, None, BEGAN + timedelta(minutes=at), count)


FAILED = "Error renewing certificate from LE: shop.example: acme: error: 403: CAA record prevents issuance"
RENEWED = "Server responded with a certificate for shop.example, renewed"
DAY = 86_400.0


@pytest.mark.parametrize(
    ("days", "said", "found"),
    [
        (5, [FAILED], True),
        (5, ["certbot: Failed to renew certificate shop.example with error: Timeout during connect"], True),
        # It went well since; there is time; nobody complains; it is over already, which others say.
        (5, [FAILED, RENEWED], False),
        (60, [FAILED], False),
        (5, ["certbot: Certificate not yet due for renewal"], False),
        (-1, [FAILED], False),
    ],
)
def test_a_renewal_that_fails_is_told_before_the_certificate_ends(days: float, said: list[str], found: bool):
    left = Metric("E3", "certificate", "probe_ssl_earliest_cert_expiry", [(NOW.timestamp(), days * DAY)], None, None)
    about = case(alerts=[alert(annotations={"summary": "Certificate of https://shop.example expires soon"})])
    lines = [_line(one, minute) for minute, one in enumerate(said)]
    assert (running_out(Facts(case=about, metrics=[left], lines=lines)) is not None) is found


ANEW = "php (sibling): running, made anew 2026-11-22T03:00:00Z at 172.23.0.8"
ROUTE = "connect() failed (113: No route to host), upstream: fastcgi://172.23.0.5:9000"


@pytest.mark.parametrize(
    ("category", "statement", "minutes", "told"),
    [
        ("dependency_failure", ROUTE, -1, "is at 172.23.0.8 now"),
        ("network_error", "dial tcp 172.23.0.5:6379: i/o timeout", -3, "172.23.0.5 is still asked"),
        # It asks at the new address; it was made anew long before or later; it asks somebody outside.
        ("dependency_failure", ROUTE.replace(".5:", ".8:"), -1, ""),
        ("dependency_failure", ROUTE, -25, ""),
        ("dependency_failure", ROUTE, 9, ""),
        ("dependency_failure", "cannot reach 203.0.113.5:443", -1, ""),
        ("oom", ROUTE, -1, ""),
    ],
)
def test_who_was_made_anew_has_another_address(category: Category, statement: str, minutes: float, told: str):
    sign = Sign("E4", "docker", "made_anew", "weak", ANEW, "php", BEGAN + timedelta(minutes=minutes), "")
    finding = Finding(category, statement, [], "strong", onset=BEGAN)
    said = " ".join(why for why, _ in moved(finding, Facts(case=case(), signs=[sign])))
    assert told in said
    assert bool(said) == bool(told)


@pytest.mark.parametrize(
    ("events", "done"),
    [
        (("create", "start", "die exitCode=0", "destroy"), True),
        # It broke; it was told to end; it begins again; it was not removed.
        (("start", "die exitCode=1", "destroy"), False),
        (("start", "kill signal=15", "die exitCode=0", "destroy"), False),
        (("die exitCode=0", "destroy", "start"), False),
        (("start", "die exitCode=0"), False),
    ],
)
def test_a_container_that_is_run_once_is_removed_as_it_ends(events: tuple[str, ...], done: bool):
    lines = [_line(said, second / 60) for second, said in enumerate(events)]
    assert ("healthy" in [sign.category for sign in signs_of_events(lines)]) is done


FULL = 'node_filesystem_avail_bytes{device="/dev/sda3", mountpoint="/srv"}: 98.0%'


@pytest.mark.parametrize(
    ("printed", "at", "denied"),
    [
        ("/dev/sda3 xfs 196G 119G 77G 61% /srv", 5, True),
        ("/dev/sda3 205520896 125829120 79691776 62% /srv", 5, True),
        # It agrees; it is of another file system; it was printed long ago.
        ("/dev/sda3 xfs 196G 191G 5G 98% /srv", 5, False),
        ("/dev/sda3 xfs 196G 119G 77G 61% /", 5, False),
        ("/dev/sdb1 xfs 196G 119G 77G 61% /srv", 5, False),
        ("/dev/sda3 xfs 196G 119G 77G 61% /srv", -90, False),
    ],
)
def test_a_full_disk_that_the_machine_denies_is_disputed(printed: str, at: float, denied: bool):
    metric = Metric("E3", "disk", FULL, [(NOW.timestamp(), 0.98)], 1.0, None)
    finding = Finding("disk_pressure", "It is full.", [metric.cite("the filesystem is full")], "strong")
    facts = Facts(case=case(), metrics=[metric], lines=[_line(printed, at)])
    assert (disputed(finding, facts) is not None) is denied


REFUSED = "queue to={}@mail.example status=deferred (authentication failed, server smtp.relay.example said invalid)"


@pytest.mark.parametrize(("count", "queue", "bad"), [(12, "deferred", True), (4, "deferred", False), (12, "", False)])
def test_what_piles_up_before_the_alert_counts_from_when_it_began(count: int, queue: str, bad: bool):
    """One refusal of many names; with the alert's own series unknown, what the log always said is nothing new."""
    line = 'queue_length{instance="box:9154", queue="deferred"}: 0 → 40'
    metric = Metric("E3", "other", line, [(NOW.timestamp(), 40.0)], None, BEGAN - timedelta(minutes=30))
    labels = {"alertname": "QueueGrows", "instance": "box:9154", **({"queue": queue} if queue else {})}
    who = ["anna", "bob", "carla", "dan", "eve", "fred", "gina", "hans", "ida", "jo", "kim", "leo"][:count]
    lines = [_line(REFUSED.format(one), n - 20 + 2 * n) for n, one in enumerate(who)]
    since = BEGAN - timedelta(minutes=21)
    facts = Facts(case=case(alerts=[alert(labels=labels)]), metrics=[metric], lines=lines, heard_since=since)
    assert complains(replace(facts), [lines[0].cite(), lines[1].cite()]) is bad

"""What the alert tells by name and limit, or by its very value, is over once it is within limits and stays so."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.well.back_again import back_again
from tests.agent_graph.cases import BEGAN, NOW, alert, case

SOURCE = 'upsOutputSource{instance="ups-a", job="snmp"}'
OTHER, INPUT = SOURCE.replace("ups-a", "ups-b"), SOURCE.replace("Output", "Input")
SPLIT = 'upsOutputSource{instance="ups-a", line="2"}'
RULE = "upsOutputSource == 5 for 1m"
LEFT: list[float] = [3, 3, 3, 3, 5, 5, 5]
BACK: list[float] = [*LEFT, *[3] * 7]
BARELY: list[float] = [3, 3, 3, 3, *[5] * 8, 3, 3, 3]
FLAPS: list[float] = [3, 5, 3, 5, 3, 5, 5, 5, *[3] * 7]
TEST = "calendar dc2: battery test 02:30-04:00 UTC"
# what the rule says, the series, its values from five minutes before the alert, what was announced, whether it is over
TOLD: dict[str, tuple[str, list[str], list[float], str, bool]] = {
    "back for a while": (RULE, [SOURCE], BACK, "", True),
    "with its labels": ('upsOutputSource{job="snmp"} == 5', [SOURCE], BACK, "", True),
    "still beyond": (RULE, [SOURCE], [*LEFT, *[5] * 7], "", False),
    "back for a moment": (RULE, [SOURCE], BARELY, "", False),
    "back for a moment, as announced": (RULE, [SOURCE], BARELY, TEST, True),
    "announced elsewhere": (RULE, [SOURCE], BARELY, TEST.replace("dc2", "dc3"), False),
    "announced for later": (RULE, [SOURCE], BARELY, TEST.replace("02:30", "03:30"), False),
    "comes and goes": (RULE, [SOURCE], FLAPS, "", False),
    "another machine": (RULE, [OTHER], BACK, "", False),
    "another series": (RULE, [INPUT], BACK, "", False),
    "one of several": (RULE, [SOURCE, SPLIT], BACK, "", False),
    "no rule": ("the battery is used", [SOURCE], BACK, "", False),
}


def _metric(role: str, line: str, values: list[float], limit: float | None = None) -> Metric:
    points = [(BEGAN.timestamp() + 60 * (n - 5), value) for n, value in enumerate(values)]
    return Metric("E1", role, f"{line}: as it was", points, limit, None)


@pytest.mark.parametrize("name", TOLD)
def test_a_rule_that_the_alert_tells_is_asked_again(name: str):
    rule, lines, values, said, wanted = TOLD[name]
    fired = alert(labels={"instance": "ups-a", "dc": "dc2"}, annotations={"description": rule})
    change = LogLine("E2", said, said, None, BEGAN - timedelta(hours=20), 1)
    facts = Facts(
        case(alerts=[fired]),
        metrics=[_metric("other", line, values) for line in lines],
        changes=[change] if said else [],
    )
    assert (back_again(facts) is not None) == wanted


def _ups(name: str, values: list[float]) -> Metric:
    return _metric("other", SOURCE.replace("ups-a", name), values)


NAN = float("nan")
BEYOND: list[float] = [*LEFT, *[5] * 7]
# the machines that alerts name (or none), the series of both, how many minutes later it is asked, whether it is over
FELLOWS: dict[str, tuple[list[str], list[float], list[float], int, bool]] = {
    "one of two, the other never left": ([], BACK, [3] * 14, 0, True),
    "one of two, the other is beyond": ([], BACK, BEYOND, 0, False),
    "of the one that is back": (["ups-a"], BACK, BEYOND, 0, True),
    "two alerts, both are back": (["ups-a", "ups-b"], BACK, BACK, 0, True),
    "two alerts, the second is beyond": (["ups-a", "ups-b"], BACK, BEYOND, 0, False),
    "measured no more": (["ups-a"], BACK, BACK, 80, False),
    "no number any more": (["ups-a"], [*LEFT, *[NAN] * 7], BACK, 0, False),
    "the other is no number": ([], BACK, [*LEFT, *[NAN] * 7], 0, False),
}


@pytest.mark.parametrize("name", FELLOWS)
def test_every_series_of_every_alert_must_be_back(name: str):
    named, values, others, minutes, wanted = FELLOWS[name]
    told: list[dict[str, str]] = [{"instance": one} for one in named] or [{"job": "snmp"}]
    fired = [alert(labels=labels, annotations={"description": RULE}) for labels in told]
    asked = case(alerts=fired, now=NOW + timedelta(minutes=minutes))
    assert (back_again(Facts(asked, metrics=[_ups("ups-a", values), _ups("ups-b", others)])) is not None) == wanted


def test_each_condition_that_the_alert_tells_is_asked():
    fired = alert(labels={"instance": "ups-a"}, annotations={"description": f"{RULE} or upsSeconds > 60"})
    waits = Metric("E1", "other", 'upsSeconds{instance="ups-a"}: 0 → 900', [(BEGAN.timestamp(), 900.0)], None, None)
    assert back_again(Facts(case(alerts=[fired]), metrics=[_ups("ups-a", BACK)])) is not None
    assert back_again(Facts(case(alerts=[fired]), metrics=[_ups("ups-a", BACK), waits])) is None


# What share failed before, and whether none now is well: nobody asks any more where some always failed.
@pytest.mark.parametrize(("before", "wanted"), [(0.0, True), (0.01, False)])
def test_a_share_of_nothing_is_not_well(before: float, wanted: bool):
    fired = alert(labels={"instance": "ups-a"}, annotations={"description": "error_ratio > 0.05"})
    failed = _metric("other", 'error_ratio{instance="ups-a"}', [*[before] * 4, 0.4, 0.4, 0.4, *[0.0] * 7])
    assert (back_again(Facts(case(alerts=[fired]), metrics=[failed])) is not None) == wanted


DISK = 'node_filesystem_avail_bytes{instance="app7:9100", mountpoint="/"}'
FULL: list[float] = [0.89, 0.89, 0.9, 0.9, 0.91, 0.914, 0.914, 0.914]
# what the alert says, the series, its values, and whether it is over
SHARES: dict[str, tuple[str, str, list[float], bool]] = {
    "emptied": ("/ at 91.3%", DISK, [*FULL, *[0.53] * 7], True),
    "hardly any room": ("/ at 91.3%", DISK, [*FULL, *[0.88] * 7], False),
    "filled again": ("/ at 91.3%", DISK, [*FULL, 0.53, 0.53, 0.8, 0.8, 0.9, 0.91, 0.91], False),
    "just emptied": ("/ at 91.3%", DISK, [*FULL, 0.914, 0.914, 0.914, 0.53, 0.53], False),
    "it was another share": ("/ at 97.3%", DISK, [*FULL, *[0.53] * 7], False),
    "another disk": ("/ at 91.3%", DISK.replace('"/"', '"/srv"'), [*FULL, *[0.53] * 7], False),
    "of another machine": ("/ at 91.3%", DISK.replace("app7", "app8"), [*FULL, *[0.53] * 7], False),
}


@pytest.mark.parametrize("name", SHARES)
def test_the_share_that_the_alert_tells_is_known_again(name: str):
    said, line, values, wanted = SHARES[name]
    fired = alert(name="DiskUsageHigh", labels={"instance": "app7", "mountpoint": "/"}, annotations={"summary": said})
    assert (back_again(Facts(case(alerts=[fired]), metrics=[_metric("disk", line, values, 1.0)])) is not None) == wanted


RATIO, LOW = 'page_cache_hit_ratio{redis="pages"}', "hit ratio of pages 0.31 below 0.6, origin load increased"
DIPPED: list[float] = [*[0.96] * 24, 0.2, 0.31, 0.5]
# what the alert says, the series, its values, and whether it is over
WORDED: dict[str, tuple[str, str, list[float], bool]] = {
    "filled again": (LOW, RATIO, [*DIPPED, 0.7, 0.8, *[0.95] * 8], True),
    "just within": (LOW, RATIO, [*DIPPED, *[0.62] * 10], False),
    "still beyond": (LOW, RATIO, [*DIPPED, *[0.4] * 10], False),
    "back for a moment": (LOW, RATIO, [*DIPPED, *[0.4] * 8, 0.95, 0.95], False),
    "another one's": (LOW, RATIO.replace('"pages"', '"carts"'), [*DIPPED, *[0.95] * 10], False),
    "something else of it": (LOW, RATIO.replace("hit_ratio", "connected_share"), [*DIPPED, *[0.95] * 10], False),
    "it was told the other way": (LOW.replace("below", "above"), RATIO, [*DIPPED, *[0.95] * 10], False),
    "too many": ("lag of pages is 1,204, over 1,000", RATIO, [*DIPPED, *[0.95] * 10], False),
}


@pytest.mark.parametrize("name", WORDED)
def test_a_limit_that_the_alert_tells_in_words_is_asked_again(name: str):
    said, line, values, wanted = WORDED[name]
    fired = alert(name="CacheHitRatioLow", labels={"redis": "pages"}, annotations={"summary": said})
    points = [(BEGAN.timestamp() + 60 * (n - 24), value) for n, value in enumerate(values)]
    ratio = Metric("E1", "other", f"{line}: as it was", points, None, None)
    assert (back_again(Facts(case(alerts=[fired]), metrics=[ratio])) is not None) == wanted


# From when on the complaint is told, in minutes before the alert, and whether it is over in spite of it.
@pytest.mark.parametrize(("since", "wanted"), [(60, True), (3, False)])
def test_what_is_complained_of_as_ever_says_nothing_of_it(since: int, wanted: bool):
    fired = alert(labels={"instance": "ups-a"}, annotations={"description": RULE})
    said = [
        LogLine("E2", "ERROR no route to printer", "no route to printer", "error", BEGAN + timedelta(minutes=n), 1)
        for n in range(-since, 9, 3)
    ]
    facts = Facts(
        case(alerts=[fired], firing=False),
        lines=said,
        metrics=[_metric("other", SOURCE, BACK)],
        heard_since=BEGAN - timedelta(minutes=62),
    )
    assert (back_again(facts) is not None) == wanted

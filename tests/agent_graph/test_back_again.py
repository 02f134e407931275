"""A state that was left once and come back to is over; one left still, that comes and goes, or of others is not."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.well.back_again import back_again, stands_high, still_away
from tests.agent_graph.cases import BEGAN, alert, case

_UNIT = 'unit_state{instance="app7:9100", name="report.timer", state="failed"}'
_LETTERS = 'messages_visible{name="report.timer"}'
# name: the series, its values minute by minute from five before the alert, is it over
COURSES: dict[str, tuple[str, list[float], bool]] = {
    "failed once": (_UNIT, [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0], True),
    "over as the rule was asked": (_UNIT, [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], True),
    "over well before": (_UNIT, [0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], False),
    "a link": (_UNIT, [1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1], True),
    "failed still": (_UNIT, [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1], False),
    "comes and goes": (_UNIT, [0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0], False),
    "back for a moment": (_UNIT, [0, 0, 0, 0, 1, 1, 1, 1, 0, 0], False),
    "letters that nobody could deliver are gone": (_LETTERS, [*[340] * 9, 120, 0, 0, 0, 0, 0, 0], True),
    "gone for a moment": (_LETTERS, [*[340] * 12, 0, 0, 0], False),
    "nothing waited when it fired": (_LETTERS, [*[0] * 8, 340, 340, *[0] * 7], False),
    "another queue is empty": (_LETTERS.replace("report.timer", "mails"), [*[340] * 9, *[0] * 7], False),
    "another unit": (_UNIT.replace("report", "backup"), [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0], False),
}


@pytest.mark.parametrize("name", COURSES)
def test_what_the_alert_measures_is_back(name: str):
    line, values, wanted = COURSES[name]
    points = [(BEGAN.timestamp() + 60 * (n - 5), value) for n, value in enumerate(values)]
    role = "queue" if line.startswith("messages") else "few_errors"
    fired = alert(labels={"alertname": "X", "instance": "app7:9100", "name": "report.timer", "state": "failed"})
    found = back_again(Facts(case(alerts=[fired]), metrics=[Metric("E1", role, line, points, None, None)]))
    assert (found is not None) == wanted
    assert still_away(Facts(case(alerts=[fired]), metrics=[Metric("E1", role, line, points, None, None)])) == (
        name == "failed still"
    )


# name: the series, its values, is it over, for an alert that has nothing but its name and its machine.
STATES: dict[str, tuple[str, list[float], bool]] = {
    "called as the alert": ('node_timex_sync_status{instance="app7:9100"}', [1, 1, 1, 1, 0, 0, 0, *[1] * 7], True),
    "of another machine": ('node_timex_sync_status{instance="app8:9100"}', [1, 1, 1, 1, 0, 0, 0, *[1] * 7], False),
    "of something else": ('node_bonding_active{instance="app7:9100"}', [1, 1, 1, 1, 0, 0, 0, *[1] * 7], False),
    "no state": ('node_timex_sync_loops{instance="app7:9100"}', [7, 7, 7, 7, 0, 0, 0, *[7] * 7], False),
}


@pytest.mark.parametrize("name", STATES)
def test_a_state_that_is_called_as_the_alert_is_back(name: str):
    line, values, wanted = STATES[name]
    points = [(BEGAN.timestamp() + 60 * (n - 5), value) for n, value in enumerate(values)]
    fired = alert(name="HostClockNotSynchronising", labels={"instance": "app7:9100"})
    found = back_again(Facts(case(alerts=[fired]), metrics=[Metric("E1", "other", line, points, None, None)]))
    assert (found is not None) == wanted


_WENT_AND_CAME: list[float] = [0, 0, 0, 0, 0, 1, 0, *[0] * 8]
_STAYS: list[float] = [*[0] * 5, *[1] * 10]
# name: flags of machines with their values, is it over, for an alert that names one ups and no flag.
FLAGS: dict[str, tuple[dict[str, list[float]], bool]] = {
    "on battery for a minute": ({'flag="OB", ups="u1"': _WENT_AND_CAME}, True),
    "another one was": ({'flag="OB", ups="u2"': _WENT_AND_CAME}, False),
    "on battery still": ({'flag="OB", ups="u1"': _STAYS}, False),
    "its battery is low since": ({'flag="OB", ups="u1"': _WENT_AND_CAME, 'flag="LB", ups="u1"': _STAYS}, False),
    "the battery of another one is": ({'flag="OB", ups="u1"': _WENT_AND_CAME, 'flag="LB", ups="u2"': _STAYS}, True),
}


@pytest.mark.parametrize("name", FLAGS)
def test_a_flag_of_the_very_thing_is_back_and_no_other_of_its_flags_has_turned(name: str):
    flags, wanted = FLAGS[name]
    metrics = [
        Metric(
            "E1",
            "other",
            f"power_ups_status{{{labels}}}",
            [(BEGAN.timestamp() + 60 * (n - 5), value) for n, value in enumerate(values)],
            None,
            None,
        )
        for labels, values in flags.items()
    ]
    fired = alert(name="UpsOnBattery", labels={"alertname": "UpsOnBattery", "ups": "u1", "severity": "critical"})
    found = back_again(Facts(case(alerts=[fired]), metrics=metrics))
    assert (found is not None) == wanted


@pytest.mark.parametrize(
    ("values", "device", "stands"),
    [
        ([0.1] * 8 + [0.9, 0.8] * 6, "sda", True),
        # It fell again, rose a little, is as ever, counts what was, or is another one's.
        ([0.1] * 8 + [0.9, 0.8] * 4 + [0.1] * 4, "sda", False),
        ([0.5] * 8 + [0.9, 0.8] * 6, "sda", False),
        ([0.9, 0.8] * 10, "sda", False),
        ([0.1] * 8 + [3.0] * 12, "sda", False),
        ([0.1] * 8 + [0.9, 0.8] * 6, "sdb", False),
    ],
)
def test_nothing_is_over_while_what_the_alert_measures_stands_where_it_rose_to(
    values: list[float], device: str, stands: bool
):
    line = f'disk_busy{{instance="app7:9100", job="node", device="{device}"}}'
    points = [(BEGAN.timestamp() + 60 * (n - 12), value) for n, value in enumerate(values)]
    fired = alert(labels={"alertname": "X", "instance": "app7:9100", "job": "node", "device": "sda"})
    moved = Metric("E1", "other", line, points, None, BEGAN - timedelta(minutes=4))
    assert stands_high(Facts(case(alerts=[fired]), metrics=[moved])) is stands
    assert not stands_high(Facts(case(alerts=[fired], firing=False), metrics=[moved]))

"""A new rule that asks for all that was ever counted finds what is over, unless it is counted still, or is not over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.counted_before import counted_before
from tests.agent_graph.cases import BEGAN, NOW, alert, case

GOOD = Sign("E3", "prometheus", "healthy", "strong", "delivery_success_ratio: 1 → 1", "web", None, "as before")
ASKS = "jobs_poisoned_total > 100"
OVER = "incident web: 131 jobs poisoned by a bad export 10:52-11:18; reprocessed 13:00, closed"


def _change(text: str, before: timedelta) -> LogLine:
    return LogLine("E7", text, text, None, BEGAN - before, 1)


MADE = _change("config monitoring/rules: new rule JobsPoisoned: jobs_poisoned_total > 100", timedelta(minutes=2))
PAST = _change(OVER, timedelta(days=7))


def _counter(rises: float = 0.0, hours: float = 2.0, called: str = 'jobs_poisoned_total{queue="mails"}') -> Metric:
    first = NOW.timestamp() - 3600 * hours
    points = [(first + 3600 * hours * n / 40, rises if n == 30 else 0.0) for n in range(41)]
    return Metric("E5", "other", f"{called}: 0 → 0", points, None, None)


def _facts(
    *changes: LogLine, asks: str = ASKS, counter: Metric | None = None, signs: tuple[Sign, ...] = (GOOD,)
) -> Facts:
    fired = alert(name="JobsPoisoned", labels={"alertname": "JobsPoisoned", "queue": "mails"})
    fired = fired.model_copy(update={"annotations": {"expr": asks}})
    return Facts(case(alerts=[fired]), metrics=[counter or _counter()], changes=list(changes), signs=list(signs))


CASES: dict[str, tuple[Facts, bool]] = {
    "it was counted in what is over": (_facts(PAST, MADE), True),
    "some are counted now": (_facts(PAST, MADE, counter=_counter(rises=0.2)), False),
    "it was not measured before the rule": (_facts(PAST, MADE, counter=_counter(hours=0.3)), False),
    "the rule asks how fast it rises": (_facts(PAST, MADE, asks="increase(jobs_poisoned_total[1h]) > 100"), False),
    "the rule asks for another": (_facts(PAST, MADE, asks="jobs_lost_total > 100"), False),
    "it is another one's": (_facts(PAST, MADE, counter=_counter(called='jobs_poisoned_total{queue="bills"}')), False),
    "the rule is old": (_facts(PAST), False),
    "nobody registered what was": (_facts(MADE), False),
    "it is not closed": (
        _facts(_change(OVER.replace("closed", "40 still open"), timedelta(days=7)), MADE),
        False,
    ),
    "it was opened again": (
        _facts(PAST, _change("incident web: jobs poisoned again", timedelta(hours=8)), MADE),
        False,
    ),
    "it is closed only just now": (_facts(_change(OVER, timedelta(hours=1)), MADE), False),
    "it was another one's incident": (_facts(replace(PAST, message=OVER.replace("web", "mailer")), MADE), False),
    "it was about something else": (_facts(_change("incident web: disk full, closed", timedelta(days=7)), MADE), False),
    "nothing else is seen to be well": (_facts(PAST, MADE, signs=()), False),
}


@pytest.mark.parametrize("name", CASES)
def test_what_was_counted_in_a_closed_incident_is_none_of_today(name: str):
    facts, well = CASES[name]
    assert (counted_before(facts, []) is not None) is well


def test_what_is_likely_besides_is_not_of_the_past():
    assert counted_before(_facts(PAST, MADE), ["dependency_failure"]) is None

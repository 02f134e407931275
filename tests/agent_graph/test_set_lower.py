"""As much less is done since a number of its own settings was lowered: that is why; chance proves nothing."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.signatures.config_error import match
from tests.agent_graph.cases import BEGAN, case

AT = BEGAN - timedelta(minutes=20)
PILES = Sign("E5", "prometheus", "trouble", "strong", "queue: 8 → 6000", "queue", BEGAN, "the queue is above before")


def done(after: float, name: str = "jobs_executed_total", *, before: float = 30.0, turned: float = 0.5) -> Metric:
    points = [((AT + timedelta(minutes=at)).timestamp(), before if at < turned else after) for at in range(-30, 28, 2)]
    return Metric("E3", "other", f"{name}: {before} → {after}", points, None, AT + timedelta(minutes=turned))


# What was changed, what is done, whether anything else is wrong; is the setting why
CASES: dict[str, tuple[str, Metric, bool, bool]] = {
    "to nothing": ("config mailer: mail.concurrency 24 -> 0", done(0), True, True),
    "in proportion": ("settings mailer: consumers 12 -> 3", done(7.4), True, True),
    "with its unit": ("config mailer: rate 600 rps -> 60 rps", done(3.0), True, True),
    "switched off": ("feature_flag mailer: dispatch.enabled true -> false", done(0), True, True),
    "more than that is missing": ("settings mailer: consumers 12 -> 3", done(0.2), True, False),
    "hardly less than before": ("settings mailer: consumers 12 -> 3", done(27), True, False),
    "made larger": ("config mailer: concurrency 0 -> 24", done(0), True, False),
    "it stopped later": ("config mailer: concurrency 24 -> 0", done(0, turned=12), True, False),
    "it stopped before": ("config mailer: concurrency 24 -> 0", done(0, turned=-8), True, False),
    "another's setting": ("config gateway: concurrency 24 -> 0", done(0), True, False),
    "a version": ("config mailer: base 24.1 -> 0.9", done(0), True, False),
    "a release": ("deploy mailer: build 24 -> 0", done(0), True, False),
    "failures became fewer": ("config mailer: concurrency 24 -> 0", done(0, "jobs_failed_total"), True, False),
    "nothing is wrong": ("config mailer: concurrency 24 -> 0", done(0), False, False),
}


@pytest.mark.parametrize("name", CASES)
def test_what_was_set_lower_is_why_as_much_less_is_done(name: str):
    said, metric, wrong, why = CASES[name]
    change = LogLine("E2", said, said, None, AT, 1)
    found = match(Facts(case("mailer"), changes=[change], metrics=[metric], signs=[PILES] if wrong else []))
    assert (found is not None) == why

"""What it does not know since a setting or a flag named it is the setting's matter; a release's own names are not."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.platform_remedies import came_with_a_revision
from agent_graph.analysts.rules.signatures.unknown_value import unknown_value
from tests.agent_graph.cases import BEGAN, case

FAILS = Sign("E1", "prometheus", "trouble", "strong", "web_errors{}: 0 → 9", "web", BEGAN, "it is worse than before")
SET = BEGAN - timedelta(minutes=1)
FLAG = 'feature-flag pricing: rule changed: 100 % "v2" -> 50 % "v2" / 50 % "v3-shadow"'


def said(text: str, at: datetime = BEGAN, level: Any = "error") -> LogLine:
    return LogLine("E2", text, text, level, at, 1)


def changed(text: str, at: datetime = SET) -> LogLine:
    line = f"{at:%Y-%m-%dT%H:%M:%SZ} {text}"
    return LogLine("E5", line, text, None, at, 1)


# what was changed, what is complained of, whether that is why
SAID: dict[str, tuple[str, str, bool]] = {
    "a flag, python": (FLAG, "KeyError: 'v3-shadow'", True),
    "a setting, java": (
        "config web: storage.driver local-fs -> azure-blob",
        "IllegalArgumentException: unknown driver azure-blob",
        True,
    ),
    "a setting, go": (
        'config web: log format set to "logfmt-v2"',
        'invalid value "logfmt-v2" for format: must be one of text, json',
        True,
    ),
    "one plain word behind an arrow, .NET": (
        "config configmap shop/web: edited by hand: Rounding Bankers -> BankersV2",
        "No service for provider key 'BankersV2' has been registered (known: Bankers, HalfUp)",
        True,
    ),
    "one plain word in a sentence": (
        "config web: mode fast -> turbo",
        "invalid request: no turbo lane was found for this order",
        False,
    ),
    "the value from before": (FLAG, "KeyError: 'v2'", False),
    "a value that nobody set": (FLAG, "KeyError: 'v4-shadow'", False),
    "a part of another": (FLAG, "KeyError: 'v3-shadow-eu'", False),
    "it knows it, and another is down": (FLAG, "timeout of backend 'v3-shadow'", False),
    "a release": (FLAG.replace("feature-flag", "deploy"), "KeyError: 'v3-shadow'", False),
}


@pytest.mark.parametrize("name", SAID)
def test_a_value_that_is_not_known_came_with_who_set_it(name: str):
    change, complaint, blamed = SAID[name]
    found = unknown_value(Facts(case(), lines=[said(complaint)], changes=[changed(change)], signs=[FAILS]))
    assert (found is not None) == blamed
    assert found is None or {"app_crash", "bad_deploy"} <= found.explains
    # No revision holds what somebody set: going back to one would change nothing.
    rolled_out = Facts(case(), platform={"deploys": 1})
    assert found is None or not came_with_a_revision(rolled_out, found.statement)


def test_it_must_be_new_follow_the_change_and_hurt():
    line, change = said("KeyError: 'v3-shadow'"), changed(FLAG)
    early = said("KeyError: 'v3-shadow'", BEGAN - timedelta(minutes=9))
    assert unknown_value(Facts(case(), lines=[early, line], changes=[change], signs=[FAILS])) is None
    late = changed(FLAG, BEGAN - timedelta(hours=3))
    assert unknown_value(Facts(case(), lines=[line], changes=[late], signs=[FAILS])) is None
    assert unknown_value(Facts(case(), lines=[line], changes=[change])) is None

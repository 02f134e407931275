"""What was to be switched off for good is away as announced once somebody around it says who switched it off."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.well.planned_work import announced
from agent_graph.sources.changes import evidence_of as changes_of
from tests.agent_graph.cases import BEGAN, alert, case

FAREWELL = "step 4: switch off web for good (its successor runs since the 14th)"
OFF = "Event [web on esx-7 in the town hall is powered off] by VERW\\a.lorenz"
# Of what kind it was registered, what was said, what is told around it, how long before; is it away as announced?
CASES: dict[str, tuple[str, str, list[str], float, bool]] = {
    "as was asked for": ("change-request", FAREWELL, [OFF], -1, True),
    "a request for comments, decommissioned": ("RFC", "decommission web", ["domain web destroyed"], -1, True),
    "nobody saw it": ("change-request", FAREWELL, ["backup of mail is done"], -1, False),
    "another one was switched off": ("change-request", FAREWELL, [OFF.replace("web on", "web-db on")], -1, False),
    "it was switched off long before": ("change-request", FAREWELL, [OFF], -300, False),
    "it fell": ("change-request", FAREWELL, [OFF, "host of web lost: unexpected power loss"], -1, False),
    "it was asked to be changed": ("change-request", "raise the memory of web (planned)", [OFF], -1, False),
    "it is to be patched": ("announcement", "web gets planned patches", [OFF], -1, False),
    "it was only deployed": ("deploy", FAREWELL, [OFF], -1, False),
}


@pytest.mark.parametrize("name", CASES)
def test_who_was_to_go_for_good_and_was_seen_off_is_not_missed(name: str):
    kind, summary, around, minutes, well = CASES[name]
    row = {"ts": (BEGAN - timedelta(minutes=9)).isoformat(), "kind": kind, "target": "web", "summary": summary}
    signs = [
        Sign("E9", "changes", s["category"], s["weight"], s["quote"], s["subject"], BEGAN, s["means"])
        for s in changes_of(case(), [row], "changes")[0].data["signs"]
    ]
    lines = [LogLine("E2", text, text, None, BEGAN + timedelta(minutes=minutes), 1, "vcenter") for text in around]
    found = announced(Facts(case(alerts=[alert()]), signs=signs, around=lines), [])
    assert (found is not None) is well

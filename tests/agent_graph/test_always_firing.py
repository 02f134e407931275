"""An alert that is meant to fire all the time is no incident; the one that tells of its absence is."""

import pytest

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.well.always_firing import always_firing
from backend.investigation.kinds import Citation
from tests.agent_graph.cases import alert, case

# name: what the alert is called, its severity, what its author says of it, whether it is to fire all the time
ALERTS: dict[str, tuple[str, str, str, bool]] = {
    "as its author describes it": (
        "Watchdog",
        "none",
        "An alert that should always be firing to certify that it works.",
        True,
    ),
    "by another name": ("PipelineCheck", "info", "Proves that the whole alerting chain is functional.", True),
    "it only keeps others back": ("InfoInhibitor", "none", "Info-level alert, used to inhibit other alerts.", True),
    "its absence is told": (
        "WatchdogMissing",
        "none",
        "No Watchdog, which should always be firing, for 10 minutes.",
        False,
    ),
    "somebody is to be woken": (
        "Watchdog",
        "critical",
        "Fires when the alerting pipeline is functional no more.",
        False,
    ),
    "a timer of a machine that is called so": ("Watchdog", "none", "The hardware watchdog has reset node 4", False),
}


@pytest.mark.parametrize("name", ALERTS)
def test_what_fires_as_long_as_alerting_works_measures_nothing(name: str):
    called, severity, said, well = ALERTS[name]
    labels = {"alertname": called, "severity": severity}
    told = alert(name=called, labels=labels, annotations={"description": said}, severity="low")
    facts = Facts(case(alerts=[told]), alert=Citation(evidence="E1", quote=called))
    assert (always_firing(facts) is not None) is well

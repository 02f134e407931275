"""An alert that is meant to fire all the time is no incident; the one that tells of its absence is."""

import pytest

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.well.always_firing import always_firing
from backend.investigation.kinds import AlertFact, Citation
from tests.agent_graph.cases import alert, case


def _alert(name: str, severity: str, **annotations: str) -> AlertFact:
    labels = {"alertname": name, "severity": severity}
    return alert(name=name, labels=labels, annotations=annotations, severity="low")


ALERTS: dict[str, tuple[AlertFact, bool]] = {
    "as its author describes it": (
        _alert("Watchdog", "none", description="An alert that should always be firing to certify that it works."),
        True,
    ),
    "by another name": (
        _alert("PipelineCheck", "info", summary="Proves that the whole alerting chain is functional."),
        True,
    ),
    "it only keeps others back": (
        _alert("InfoInhibitor", "none", summary="Info-level alert, used to inhibit other alerts."),
        True,
    ),
    "its absence is told": (
        _alert("WatchdogMissing", "none", summary="No Watchdog, which should always be firing, for 10 minutes."),
        False,
    ),
    "somebody is to be woken": (
        _alert("Watchdog", "critical", description="Fires when the alerting pipeline is functional no more."),
        False,
    ),
    "a timer of a machine that is called so": (
        _alert("Watchdog", "none", summary="The hardware watchdog has reset node 4"),
        False,
    ),
}


@pytest.mark.parametrize("name", ALERTS)
def test_what_fires_as_long_as_alerting_works_measures_nothing(name: str):
    told, well = ALERTS[name]
    facts = Facts(case(alerts=[told]), alert=Citation(evidence="E1", quote=told.name))
    assert (always_firing(facts) is not None) is well

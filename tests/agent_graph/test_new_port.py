"""Refused at a port that a change just before named: it asks at the wrong door. Where the other is down, it is down."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.facts import LogLine
from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.signatures.new_port import new_port
from backend.investigation.kinds import Category, Evidence
from tests.agent_graph.cases import BEGAN, case, container, down, history, logs, monitor

_REFUSED = "ERROR dial tcp 10.0.7.4:9100: connect: connection refused"
_MOVED = "edge/site.conf: upstream cart:9300 -> cart:9100"
_NAMED = "host shop: .env edited, publish metrics at port 9100"

# name: what was changed, how long before the first complaint, what is known of others, the category
TOLD: dict[str, tuple[str, float, dict[str, str], Category]] = {
    "the port was changed": (_MOVED, 2, {}, "config_error"),
    "it is named, and others run": (_NAMED, 2, {"cart": "running"}, "config_error"),
    "it is named, and nobody is seen": (_NAMED, 2, {}, "dependency_failure"),
    "another one goes down and up": (_MOVED, 2, {"cart": "restarting"}, "dependency_failure"),
    "long before": (_MOVED, 40, {}, "dependency_failure"),
    "another port": (_MOVED.replace("9100", "9105"), 2, {}, "dependency_failure"),
    "the number of a version": ("cart: 1.9100 -> 1.9100.2", 2, {"cart": "running"}, "dependency_failure"),
    "it was shut": ("firewall: default deny, 9300 -> 9100 closed", 2, {}, "dependency_failure"),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_port_that_was_named_just_before_is_asked_in_vain(name: str):
    said, minutes, others, wanted = TOLD[name]
    at = BEGAN - timedelta(minutes=minutes)
    change = f"{at:%Y-%m-%dT%H:%M:%SZ} config {said}"
    changed = Evidence(
        label="E4", source="changes", kind="event", title="changes", query="", summary=change, content=change
    )
    found = monitor(down("HTTP 502", minutes_ago=1), down("HTTP 502", minutes_ago=2))
    evidence = [
        container(Running=True, siblings=others),
        logs("INFO ready", *[_REFUSED] * 4),
        changed,
        history(found, "E5"),
    ]
    draft = analyse(case(monitor=found), evidence)
    assert draft.category == wanted


def test_whom_nobody_is_known_beside_is_no_obstacle():
    found = monitor(down("HTTP 502", minutes_ago=1))
    facts = read(case(monitor=found), [container(Running=True), logs(*[_REFUSED] * 3), history(found, "E5")])
    (seen,) = facts.containers
    lone = replace(seen, data={**seen.data, "siblings": None})
    at = BEGAN - timedelta(minutes=2)
    change = LogLine("E4", f"{at:%Y-%m-%dT%H:%M:%SZ} config {_NAMED}", _NAMED, None, at, 1)
    assert new_port(replace(facts, containers=[lone], changes=[change])) is None

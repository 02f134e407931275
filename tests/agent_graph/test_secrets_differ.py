"""A partner that signs with another secret than ours is a matter of settings; what was always refused is none."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.signatures.config_error import match
from backend.investigation.kinds import Citation
from tests.agent_graph.cases import BEGAN, case

RADIUS = (
    "Dropping packet: Received packet from 10.1.0.2 with invalid Message-Authenticator! (Shared secret is incorrect.)"
)
IPSEC = "tried 1 shared key for 'gw-1' - 'gw-2', but MAC mismatched"
ALERT = Citation(evidence="E1", quote="AcceptsLow (firing)")

# name: what is said, how often, minutes after the alert, does it explain the trouble
SAID: dict[str, tuple[str, int, float, bool]] = {
    "a network server drops what comes": (RADIUS, 230, -3, True),
    "a tunnel cannot be made": (IPSEC, 40, -3, True),
    "a cookie of another cluster": (
        "Connection attempt from node b@db2 rejected. Invalid challenge reply.",
        9,
        1,
        True,
    ),
    "one packet": (RADIUS, 1, -3, False),
    "long before": (RADIUS, 230, -45, False),
    "since the log begins": (RADIUS, 230, -29.5, False),
    "a user who mistypes": ("Login incorrect (mschap: MS-CHAP2-Response is incorrect): [anna]", 230, -3, False),
    "it is said to be right": ("the shared secret is set", 230, -3, False),
}


@pytest.mark.parametrize("name", SAID)
def test_a_shared_secret_that_differs_is_told_by_who_drops_what_it_signs(name: str):
    said, count, after, told = SAID[name]
    line = LogLine("E2", said, said, "info", BEGAN + timedelta(minutes=after), count)
    facts = Facts(case(), lines=[line], alert=ALERT, heard_since=BEGAN - timedelta(minutes=30))
    assert (match(facts) is not None) == told

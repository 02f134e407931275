"""Who answers a check with a 4xx, or sends it on, is there; who does not answer, fails, or is back is not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.signatures.checks_answered import checks_answered
from tests.agent_graph.cases import BEGAN, NOW, case

HAPROXY = 'Server shop/s1 is DOWN, reason: Layer7 wrong status, code: 404, info: "Not Found", check duration: 2ms.'
# what the balancer says, one after the other, and whether the check is what is wrong
SAID: dict[str, tuple[tuple[str, ...], bool]] = {
    "HAProxy": ((HAPROXY,), True),
    "a cloud's": (("target i-1 is unhealthy: Health checks failed with these codes: [401]",), True),
    "Traefik": (('WRN Health check failed. error="received error status code: 404" targetURL=http://10.0.0.1',), True),
    "sent on": ((HAPROXY.replace('404, info: "Not Found"', '302, info: "Found"'),), True),
    "a cloud's, sent on": (("target i-1 is unhealthy: Health checks failed with these codes: [301]",), True),
    "a failure of theirs": ((HAPROXY.replace("404", "503"),), False),
    "no answer": (("Server shop/s1 is DOWN, reason: Layer4 connection problem, check duration: 0ms.",), False),
    "back": ((HAPROXY, "Server shop/s1 is UP, reason: Layer7 check passed, code: 200"), False),
    "users who miss a page": (('GET /missing 404 "-" health-check=passed',), False),
}


@pytest.mark.parametrize("name", SAID)
def test_who_answers_a_check_wrongly_is_there(name: str):
    said, wrong = SAID[name]
    start = NOW - timedelta(minutes=10)
    lines = [LogLine("E2", t, t, "warning", start + timedelta(minutes=n), 1) for n, t in enumerate(said)]
    errors = Sign("E3", "prometheus", "trouble", "strong", "5xx: 0 → 20", "lb", BEGAN, "far more 5xx")
    facts = replace(Facts(case()), lines=lines, signs=[errors])
    assert (checks_answered(facts) is not None) == wrong
    assert checks_answered(replace(facts, signs=[])) is None

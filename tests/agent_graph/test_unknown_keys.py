"""What was signed with a key that the reader does not have is refused, and frameworks call that information."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import BEGAN, alert, case, container, logs

SERVED = "info: Hosting[2] Request finished 200"
KEY = "info: JwtBearerHandler[1] Failed to validate the token. IDX10503: did not match any keys in Configuration"
OTHERS = (
    "WARNING webhook refused: SignatureVerificationException: No signatures found matching the expected signature",
    "ERROR auth: unable to find a signing key that matches: kid-7",
    "WARN rejecting webhook: HMAC signature mismatch",
)
NOBODY = "ERROR oidc: Authentication failure! discovery_failed: https://id.example/keys: 503 Service Unavailable"
OLD = "info: JwtBearerHandler[1] Failed to validate the token. IDX10223: Lifetime validation failed"


@pytest.mark.parametrize(
    ("line", "often", "incident"),
    [(KEY, 20, True), (KEY, 3, False), (OLD, 20, False), (NOBODY, 20, False), *((line, 20, True) for line in OTHERS)],
)
def test_a_refused_signature_is_heard_when_it_is_said_each_time(line: str, often: int, incident: bool):
    served = [f"{BEGAN - timedelta(seconds=9 * n):%Y-%m-%dT%H:%M:%SZ} {SERVED}" for n in range(60, 0, -1)]
    refused = [f"{BEGAN + timedelta(seconds=9 * n):%Y-%m-%dT%H:%M:%SZ} {line}" for n in range(often)]
    fires = Evidence(label="E9", source="alert", kind="event", title="a", query="q", content="x", data={"firing": 1})
    seen = [container(Running=True), logs(*served, *refused), fires]
    found = analyse(case(alerts=[alert(name="UnauthorizedRatioHigh")]), seen)
    assert (found.verdict == "incident" and found.category == "permission_denied") is incident

"""What was renewed and not loaded is told with since when the server runs; a server started since has loaded it."""

import pytest

from agent_graph.analysts.rules.context.unloaded import unloaded
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.reading import read
from agent_graph.sources.signs import when
from tests.agent_graph.cases import NOW, case, container

# name: what was said and when, when the server was started, what is told
SAID: dict[str, tuple[str, str, str, str]] = {
    "a hook that is missing": ("certificate www: lego renewed www.crt", "2026-10-20T04:00:00Z", "2026-09-01", "reload"),
    "an issuer": ("cert-manager: Certificate re-issued, renewal done", "2026-10-20T04:00:00Z", "2026-09-01", "reload"),
    "started since": ("certificate www: lego renewed www.crt", "2026-10-20T04:00:00Z", "2026-11-02", ""),
    "not renewed": ("acme.sh: certificate was not renewed: rate limit", "2026-10-20T04:00:00Z", "2026-09-01", ""),
    "valid for long": (
        "certbot: fullchain.pem expires on 2027-01-30",
        "2026-11-20T04:00:00Z",
        "2026-09-01",
        "old cert",
    ),
    "ran out": ("certbot: fullchain.pem expires on 2026-11-20", "2026-11-20T04:00:00Z", "2026-09-01", ""),
}


@pytest.mark.parametrize("name", SAID)
def test_what_was_renewed_and_not_loaded_is_told(name: str):
    text, at, started, wanted = SAID[name]
    server = container(Running=True, StartedAt=f"{started}T00:00:00Z")
    line = LogLine("E9", text, text, None, when(at), 1)
    facts = read(case(now=NOW), [server])
    told, cited = unloaded(Facts(facts.case, containers=facts.containers, changes=[line]))
    assert wanted in told
    assert bool(told) == bool(wanted) == bool(cited)

"""Of several explanations one leads: what it explains is less sure, and says so."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.finding import Finding, Strength
from agent_graph.analysts.rules.ranking import Ranked, rank, with_one_cause
from agent_graph.safety.claims import verify_claims
from backend.investigation.kinds import Category, Citation, Confidence
from tests.agent_graph.cases import BEGAN, case, down, history, logs, monitor, up

POOL = "QueuePool limit of size 4 overflow 0 reached, connection timed out, timeout 0.40"


def test_the_pool_of_the_drill_is_its_one_confirmed_cause():
    answered = f'503: {{"status": "unavailable", "error": "PoolTimeout: {POOL}"}}'
    evidence = [
        history(monitor(down(answered, code=503), down("timed out", minutes_ago=2), up(minutes_ago=11))),
        logs(
            "2026-11-21T03:00:05Z ERROR GET /reports/2026-13 failed: ValueError: month must be in 1..12",
            f"2026-11-21T03:00:09Z ERROR GET /orders failed: PoolTimeout: {POOL}",
            f"2026-11-21T03:00:11Z ERROR GET /health failed: PoolTimeout: {POOL}",
            "2026-11-21T03:00:12Z ERROR GET /orders: connection timed out",
            source="log_file",
        ),
    ]
    found = analyse(case(), evidence)
    sure = [(h.category, h.confidence) for h in found.hypotheses if h.confidence == "confirmed"]
    assert sure == [("connection_exhaustion", "confirmed")]
    assert {h.category for h in found.hypotheses[1:]} >= {"app_crash", "network_error"}
    for rival in found.hypotheses[1:]:
        assert [c.note for c in rival.contradicting if c.note.startswith("connection exhaustion ")]
    assert verify_claims(found.hypotheses, {e.label: e for e in evidence}).dropped == 0


def ranked(category: Category, sure: Confidence, quote: str, *explains: Category) -> Ranked:
    supporting = [Citation(evidence="E1", quote=quote)]
    return Ranked(
        Finding(category, f"{category}.", supporting, "strong", BEGAN, explains=frozenset(explains)), sure, None
    )


LEADER = ranked("oom", "confirmed", "OOMKilled: true", "app_crash")
RIVALS: dict[str, tuple[Ranked, Confidence, list[str]]] = {
    "its symptom": (ranked("app_crash", "confirmed", "exit code 137", "oom"), "likely", ["oom explains it"]),
    "its symptom, less sure": (ranked("app_crash", "likely", "exit code 137"), "possible", ["oom explains it"]),
    "on the same line": (
        ranked("dependency_failure", "confirmed", "OOMKilled: true"),
        "possible",
        ["oom rests on the same line"],
    ),
    "something else": (ranked("disk_pressure", "confirmed", "No space left"), "likely", []),
    "a guess at something else": (ranked("disk_pressure", "possible", "No space left"), "possible", []),
}


@pytest.mark.parametrize("name", RIVALS)
def test_what_the_leader_leaves_of_a_rival(name: str):
    rival, sure, against = RIVALS[name]
    leader, beside = with_one_cause([LEADER, rival])
    assert leader == LEADER
    assert (beside.confidence, [c.note for c in beside.finding.contradicting]) == (sure, against)


def test_a_guess_explains_nothing():
    guesses = [ranked("oom", "possible", "killed", "app_crash"), ranked("app_crash", "possible", "killed")]
    assert with_one_cause(guesses) == guesses
    assert with_one_cause([]) == []


@pytest.mark.parametrize(("strength", "leads"), [("proof", "disk_pressure"), ("strong", "permission_denied")])
def test_what_is_measured_itself_leads_before_what_is_only_said_earlier(strength: Strength, leads: str):
    """A refusal that a camera has long complained of, and a full disk, beside one check that fails."""
    cites = [Citation(evidence="E2", quote="said")]
    said = Finding("permission_denied", "refused", cites, "strong", onset=BEGAN - timedelta(minutes=20))
    full = Finding("disk_pressure", "full", cites, strength, onset=BEGAN)
    assert rank([(said, "confirmed"), (full, "confirmed")])[0].finding.category == leads

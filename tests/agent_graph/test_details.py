"""Numbers, times and names in what a model says: true ones pass in any unit, invented ones are found."""

from datetime import timedelta

import pytest

from agent_graph.nodes.verify_claims import checked
from agent_graph.safety.claims import verify_claims
from agent_graph.safety.details import facts_of, sentences, unsupported
from agent_graph.state import begin
from backend.investigation.kinds import Citation, Evidence, Hypothesis
from tests.agent_graph.cases import BEGAN, NOW, case, container, logs, metric

EVIDENCE = [
    container(ExitCode=137, restarts=4, OOMKilled=True, memory=512 * 2**20, siblings={"shop-db-1": "running"}),
    logs(
        "FATAL out of memory: killed process 4711 (java) total-vm:2097152kB",
        "ERROR pool exhausted: 97 of 100 connections in use, table orders_2026",
    ),
    metric("memory", 300 * 2**20, 410 * 2**20, 511.6 * 2**20, limit=512 * 2**20, unit="bytes"),
    metric("cpu", 0.21, 0.4, 0.973, label="E4", unit="ratio"),
    metric("latency", 0.012, 2.5, label="E5", unit="seconds"),
]
CASE = case().model_copy(update={"started_at": BEGAN, "now": NOW})
FACTS = facts_of(CASE, EVIDENCE)

TRUE = (
    "The container web ran out of memory and was killed with exit code 137.",
    "It was restarted 4 times.",
    "Memory rose to 511.6 MiB of 512 MiB.",
    "Memory rose to 0.5 GiB.",
    "Memory rose to 536 MB.",
    "CPU reached 97 %.",
    "CPU reached 97.3%.",
    "CPU reached 0.97.",
    "Latency grew to 2.5 s, from 12 ms.",
    "Latency grew to 2500 ms.",
    "97 of 100 connections were in use.",
    "It began at 03:00 and was seen until 03:09:30.",
    f"It began on {BEGAN:%Y-%m-%d} at 03:00.",
    f"It began at {BEGAN:%Y-%m-%dT%H:%M:%SZ}.",
    "Process 4711 was killed; pid 4711 was java.",
    "Table orders_2026 is full, container shop-db-1 is not.",
    'The log says "pool exhausted: 97 of 100 connections".',
    "The pod restarted, the database did not.",
    "The container was `OOMKilled`." if "oomkilled" in FACTS.text else "The container was killed.",
    "It listens on HTTP/1.1 with UTF-8 and answers p95 too late (see E2).",
    "Two replicas are healthy.",
    "The out-of-memory kill was sudden; a read-only, long-running and memory-intensive job is the root cause.",
    "It re-established client-side connections after a time-out, i.e. at start-up, e.g. within a 5-minute window.",
    "See E1-E3: UTF-8 over IPv4, 5xx at p99, SIGKILL to a 64bit process.",
    "The connection-pool and the out of memory kill of the orders_2026 table are one story.",
)
INVENTED = {
    "It exited with code 139.": "139",
    "Memory rose to 700 MiB.": "700 MiB",
    "Memory rose to 1.5 GiB.": "1.5 GiB",
    "CPU reached 12 %.": "12 %",
    "It took 0.4 seconds longer.": "0.4 seconds",
    "It began at 03:00 on 2025-01-01.": "2025-01-01",
    "Latency grew to 9 s.": "9 s",
    "83 of 120 connections were in use.": "83",
    "It began at 01:15.": "01:15",
    "It began on 2026-11-20 23:10:00Z.": "2026-11-20 23:10:00Z",
    "Container shop-db-2 is down.": "Container shop-db-2",
    "The pod payments-7d9f8-x2x was evicted.": "payments-7d9f8-x2x",
    "Table orders_2027 is locked by pid 815.": "Table orders_2027",
    "Process pid 815 holds the lock.": "pid 815",
    'The log says "the database was deleted by Bob".': '"the database was deleted by Bob"',
    "`rm-everything` was called.": "`rm-everything`",
    "checkout-api ran out of memory.": "checkout-api",
    "Version 2.42.0 broke it.": "2.42.0",
    "The release v9 broke it.": "9",
    "It broke with v2.42.0-rc1.": "v2.42.0-rc1",
    "payments.internal refuses.": "payments.internal",
    "The cause is java.lang.NullPointerException in it.": "java.lang.nullpointerexception",
    "It lost node07 before.": "node07",
    "Nothing answers at 10.9.8.7 since.": "10.9.8.7",
    "Open http://evil.example/fix now.": "http://evil.example/fix",
    "See www.evil.example for the cure.": "www.evil.example",
    "![out of memory](//evil.example/a.png?d=x)": "](//evil.example",
    "<img src=x onerror=alert> ran out of memory.": "<img src=x",
}


@pytest.mark.parametrize("sentence", TRUE)
def test_what_is_in_the_evidence_passes_in_whatever_unit(sentence: str):
    assert unsupported(sentence, FACTS) is None


@pytest.mark.parametrize("sentence", INVENTED)
def test_what_is_not_there_is_found(sentence: str):
    found = unsupported(sentence, FACTS)
    assert found is not None
    assert found.strip() in INVENTED[sentence] or INVENTED[sentence] in found


def test_a_text_falls_into_its_sentences():
    text = 'It died at 03:00:00. See E2 (v1.2.3)! "Quoted" next. and so on'
    assert sentences(text) == ["It died at 03:00:00.", "See E2 (v1.2.3)!", '"Quoted" next. and so on']


def claim(statement: str, quote: str = "FATAL out of memory", analyst: str = "llm") -> Hypothesis:
    return Hypothesis(
        category="oom",
        statement=statement,
        confidence="possible",
        analyst=analyst,  # pyright: ignore[reportArgumentType]
        supporting=[Citation(evidence="E2", quote=quote)],
    )


def test_untrue_sentences_fall_and_are_counted_and_a_claim_of_nothing_else_falls_with_them():
    by_label = {found.label: found for found in EVIDENCE}
    mixed, untrue = claim("It ran out of memory. It exited with 139."), claim("It exited with 139.")
    kept = verify_claims([mixed, untrue], by_label, FACTS)
    assert [h.statement for h in kept.hypotheses] == ["It ran out of memory."]
    assert kept.dropped == 3
    assert verify_claims([claim("It exited with 139.", analyst="rules")], by_label, FACTS).dropped == 0


def test_times_may_be_as_early_as_what_was_looked_at():
    earlier = [EVIDENCE[0].model_copy(update={"window_start": BEGAN - timedelta(hours=3)})]
    assert unsupported("A deploy at 00:30 changed it.", facts_of(CASE, earlier)) is None


@pytest.mark.parametrize(
    ("statement", "quotes", "stands"),
    [
        ("The container shop-db-1 is well, web ran out of memory.", [("E1", "exit code 137")], True),
        ("The container shop-db-1 is well, web ran out of memory.", [("E2", "FATAL out of memory")], False),
        ("web ran out of memory.", [("E2", "FATAL out of memory")], True),
        ("web ran out of memory.", [("E7", "WebDown is firing")], False),
        ("web ran out of memory.", [("E7", "WebDown is firing"), ("E8", "When checkout-api 2.42.0")], False),
        ("checkout-api 2.42.0 broke it.", [("E8", "When checkout-api 2.42.0"), ("E1", "exit code 137")], False),
        ("web is broken as WebDown-7 says.", [("E7", "WebDown is firing"), ("E1", "exit code 137")], True),
    ],
)
def test_names_stand_in_what_is_cited_and_neither_alert_nor_runbook_shows_a_cause(
    statement: str, quotes: list[tuple[str, str]], stands: bool
):
    told = Evidence(
        source="alert", kind="event", label="E7", title="", query="", content="WebDown is firing, WebDown-7"
    )
    book = told.model_copy(
        update={"label": "E8", "kind": "memory", "content": "When checkout-api 2.42.0 fails: undo it"}
    )
    evidence = [*EVIDENCE, told, book]
    cited = [Citation(evidence=label, quote=quote) for label, quote in quotes]
    made = claim(statement).model_copy(update={"supporting": cited})
    kept = verify_claims([made], {found.label: found for found in evidence}, facts_of(CASE, evidence))
    assert bool(kept.hypotheses) is stands


@pytest.mark.parametrize("told", ["incident", "inconclusive"])
@pytest.mark.parametrize("rules", ["inconclusive", "incident"])
def test_a_guess_of_the_model_is_never_the_title(told: str, rules: str):
    state = begin(CASE.model_dump(mode="json"))
    cause = "Not established for web: no known failure fits." if rules == "inconclusive" else "Out of memory."
    ours = RULES["hypotheses"] if rules == "incident" else []
    unsure = {**RULES, "verdict": rules, "confidence": "possible", "root_cause": cause, "hypotheses": ours}
    guess = drafted("app_crash", "The application crashed.", ("E2", "FATAL out of memory"), verdict=told)
    state.update(rules=unsure, answer=guess)
    answer = checked(state, EVIDENCE)["answer"]
    assert (answer["analyst"], answer["verdict"]) == ("llm", "inconclusive")
    assert answer["root_cause"].startswith("Not established")
    assert "crashed" not in answer["root_cause"]
    assert [h["statement"] for h in answer["hypotheses"]] == ["The application crashed."]


def drafted(category: str, statement: str, *quotes: tuple[str, str], verdict: str = "incident") -> dict[str, object]:
    supporting = [{"evidence": label, "quote": quote} for label, quote in quotes]
    top = {"category": category, "statement": statement, "confidence": "possible", "analyst": "llm"}
    return {
        "verdict": verdict,
        "analyst": "llm",
        "category": category,
        "root_cause": statement,
        "confidence": "possible",
        "summary": f"{statement} It cost 5000 orders.",
        "hypotheses": [{**top, "supporting": supporting}],
    }


RULES = {
    "verdict": "incident",
    "analyst": "rules",
    "category": "oom",
    "root_cause": "Out of memory.",
    "confidence": "confirmed",
    "summary": "Out of memory.",
    "hypotheses": [
        {
            "category": "oom",
            "statement": "Out of memory.",
            "confidence": "confirmed",
            "analyst": "rules",
            "supporting": [{"evidence": "E1", "quote": "exit code 137"}],
            "contradicting": [{"evidence": "E4", "quote": "highest 97.3%"}],
            "disproof": "Look at the kernel's log.",
        }
    ],
}
BOTH = (("E2", "FATAL out of memory"), ("E1", "exit code 137"))
DENIALS = {
    "another cause": drafted("app_crash", "The application crashed.", *BOTH),
    "all is well": drafted("healthy", "All is well.", *BOTH, verdict="not_an_incident"),
    "who knows": drafted("unknown", "Nobody can say.", *BOTH, verdict="inconclusive"),
}


@pytest.mark.parametrize("name", DENIALS)
def test_a_model_does_not_outrank_what_is_proven(name: str):
    state = begin(CASE.model_dump(mode="json"))
    state.update(rules=RULES, answer=DENIALS[name])
    found = checked(state, EVIDENCE)
    answer = found["answer"]
    assert (answer["analyst"], answer["category"], answer["confidence"]) == ("rules", "oom", "confirmed")
    assert "contradicts what is proven" in found["note"]
    beside = [(h["category"], h["confidence"]) for h in answer["hypotheses"][1:]]
    assert beside == {"another cause": [("app_crash", "possible")], "who knows": [("unknown", "possible")]}.get(
        name, []
    )


def test_what_nothing_shows_is_not_told_as_the_cause_by_a_model_that_does_not_know_either():
    state = begin(CASE.model_dump(mode="json"))
    unsure = {**RULES, "verdict": "inconclusive", "confidence": "possible", "hypotheses": []}
    state.update(rules=unsure, answer=drafted("unknown", "The container web-77 was killed.", verdict="inconclusive"))
    answer = checked(state, EVIDENCE)["answer"]
    assert answer["analyst"] == "llm"
    assert "web-77" not in str(answer)


def test_a_claim_shows_for_against_and_the_cheapest_check_also_when_the_model_kept_silent():
    state = begin(CASE.model_dump(mode="json"))
    state.update(rules=RULES, answer=drafted("oom", "The container web was killed: out of memory.", *BOTH))
    found = checked(state, EVIDENCE)
    (top,) = found["answer"]["hypotheses"]
    assert (found["answer"]["analyst"], top["confidence"]) == ("llm", "likely")
    assert [c["quote"] for c in top["contradicting"]] == ["highest 97.3%"]
    assert top["disproof"] == "Look at the kernel's log."
    assert found["answer"]["summary"] == "The container web was killed: out of memory."
    assert found["dropped"] == 1

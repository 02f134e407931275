"""Who complains of consequences is shown with what was complained of first, and with nothing that has no part in it."""

from agent_graph.analysts.rules.analyst import analyse
from tests.agent_graph.cases import alert, case, metric
from tests.agent_graph.test_judgement import SERVING, alarmed, log

POOL = [(n / 4, "ERROR HikariPool-1 - Connection is not available, request timed out after 30001ms") for n in range(30)]
LEAK = (-2, "WARN ProxyLeakTask: Connection leak detection triggered on thread export-1, stack trace follows")


def cited(draft: object) -> str:
    quotes = [c for h in draft.hypotheses[:1] for c in h.supporting if not c.beside]  # type: ignore[attr-defined]
    return " ".join(c.quote for c in quotes)  # type: ignore[attr-defined]


def test_what_was_complained_of_first_is_quoted():
    draft = alarmed(log(*SERVING, *POOL, LEAK))
    assert draft.category == "connection_exhaustion"
    assert "export-1" in cited(draft)


def test_others_are_quoted_when_they_speak_of_the_same_thing():
    own = log(*SERVING, *[(n, "ERROR getaddrinfo EAI_AGAIN api.psp.example") for n in range(8)])
    said = 'level=error msg="[resolver] failed to query external DNS server 10.20.0.53" question=api.psp.example'
    engine = log((-1, said), (2, said), label="E2", speaker="dockerd", own=False)
    other = log((-1, "ERROR cannot parse invoice 4711"), label="E3", speaker="billing", own=False)
    assert "10.20.0.53" in cited(alarmed(own, engine, other))
    assert "invoice" not in cited(alarmed(own, engine, other))


def test_what_was_said_long_before_or_is_said_as_ever_is_not_quoted():
    early = (-14, "WARN ProxyLeakTask: Connection leak detection triggered on thread early-1")
    always = [(n, "WARN feature flags could not be refreshed, using those of before") for n in range(-15, 10, 2)]
    draft = alarmed(log(*SERVING, *always, *POOL, early))
    assert "feature flags" not in cited(draft)


def test_the_same_complaint_is_quoted_once():
    quotes = [c.quote for c in alarmed(log(*SERVING, *POOL)).hypotheses[0].supporting]
    assert sum("HikariPool" in quote for quote in quotes) == 1


def test_where_only_measurements_speak_the_loudest_of_those_who_noticed_is_quoted():
    full = metric("memory", 60.0, 70.0, 99.0, 100.0, limit=100.0)
    noticed = [(20 + n, "ERROR POST /basket 500: store refuses the command") for n in range(9)]
    once = (21, "ERROR cannot parse invoice 4711")
    around = log(*SERVING, once, *noticed, label="E2", speaker="shop", own=False)
    assert "store refuses" in cited(alarmed(full, around))
    late = log(*SERVING, *[(at + 60, text) for at, text in noticed], label="E2", speaker="shop", own=False)
    assert "store refuses" not in cited(alarmed(full, late))


def test_what_it_complains_of_most_is_quoted_beside_what_proves_the_cause():
    most = [(5 + n / 4, "ERROR checkout failed for customer") for n in range(60)]
    quotes = cited(alarmed(log(*SERVING, *POOL, *most)))
    assert "HikariPool" in quotes
    assert "checkout failed" in quotes


def test_nothing_is_made_up_where_nothing_was_said():
    assert analyse(case(alerts=[alert()]), []).hypotheses == []


def test_what_only_begins_a_trace_is_neither_said_nor_quoted():
    trace = ("ERROR Traceback (most recent call last):", '  File "a.py", line 7, in put', "KeyError: 'IBAN of payee'")
    draft = alarmed(log(*SERVING, *[(n + place / 1000, text) for n in range(8) for place, text in enumerate(trace)]))
    quotes = [c.quote for c in draft.hypotheses[0].supporting]
    assert "KeyError" in draft.root_cause
    assert "KeyError" in quotes[0]

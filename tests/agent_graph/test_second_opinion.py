"""What recorded cases had in common: learned from those that may be, heard where it is plain and the rules are not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import pytest

from agent_graph.analysts.rules import experience
from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.confidence import settle
from agent_graph.analysts.rules.experience.opinion import MODEL, Experience, Opinion, learned
from agent_graph.analysts.rules.experience.second_opinion import with_second_opinion
from agent_graph.analysts.rules.experience.traits import OF_LINES, OF_WORDS, traits
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.remedies import remedy
from agent_graph.conclusion import Draft
from agent_graph.evaluation.learn import Known, fingerprint, folders, learn
from agent_graph.linear import Linear
from backend.incident.rules import Refusal
from backend.investigation.kinds import Citation, Evidence, Hypothesis
from tests.agent_graph.cases import BEGAN, alert, case, metric
from tests.agent_graph.test_judgement import SERVING, log

SCENARIOS = Path(__file__).parents[1] / "scenarios"
QUOTE = Citation(evidence="E1", quote="memory: 97 % of the limit")
SPEAKS = Citation(evidence="E2", quote="2026-11-21T02:50:00Z change web: announced maintenance")
VERDICTS = Linear(
    ["incident", "inconclusive", "not_an_incident"],
    [0, 0, 0],
    {"changed announced": (1.0, [(0, -1.0), (2, 2.0)]), "over": (1.0, [(2, 1.0)]), "firing": (1.0, [(0, 3.0)]),
     "ringing": (1.0, [(0, 1.9)]), "humming": (1.0, [(0, 0.6)]),
     **{f"measured {n} steady": (0.01, []) for n in range(20)}},
)  # fmt: skip


def _opinion(
    well: float,
    ill: float,
    *,
    known: int = 60,
    category: str = "oom",
    share: float = 0.3,
    state: str = "over",
    measured: int = 20,
) -> Opinion:
    shares = {"not_an_incident": well, "incident": ill, "inconclusive": 1 - well - ill}
    kinds: Any = {category: share, "memory_pressure": 0.1}
    seen = {"changed announced": SPEAKS, "means limit": QUOTE, state: None}
    seen |= {f"measured {n} steady": None for n in range(measured)}
    likest: Any = category
    return Opinion(shares, likest, kinds, 700, known, seen, VERDICTS)


def _draft(verdict: str, confidence: Any = "likely", *, unsettled: bool = False, others: Sequence[Any] = ()) -> Draft:
    ill: Any = "memory_pressure" if verdict != "not_an_incident" else "healthy"
    found: list[tuple[Any, Any]] = [(ill, confidence), *others]
    hypotheses = [
        Hypothesis(category=one, statement=f"It is {one}.", confidence=sure, analyst="rules", supporting=[QUOTE])
        for one, sure in found
    ]
    values: Any = {"verdict": verdict, "confidence": confidence, "category": ill}
    return Draft(
        analyst="rules", root_cause=f"It is {ill}.", summary="s", hypotheses=hypotheses, unsettled=unsettled, **values
    )


def _facts(*, told: bool = True) -> Facts:
    about = alert() if told else alert(name="HighLatency", annotations={"summary": "p99 latency of web is high"})
    return Facts(case=case(alerts=[about]))


# name: the rules' verdict, how sure, whether nothing fitted; shares of well and ill, known traits; what comes of it
HEARD: dict[str, tuple[str, str, bool, tuple[float, float, int], str]] = {
    "a likely cause, plainly well": ("incident", "likely", False, (0.7, 0.2, 60), "not_an_incident"),
    "a likely cause, perhaps well": ("incident", "likely", False, (0.5, 0.4, 60), "incident"),
    "a confirmed cause, without any doubt well": ("incident", "confirmed", False, (0.9, 0.05, 60), "not_an_incident"),
    "a confirmed cause, plainly well": ("incident", "confirmed", False, (0.75, 0.2, 60), "incident"),
    "a likely cause, well by a few traits": ("incident", "likely", False, (0.9, 0.05, 24), "incident"),
    "a likely cause, and such cases were not decided": ("incident", "likely", False, (0.2, 0.15, 60), "inconclusive"),
    "a confirmed cause of cases seldom decided": ("incident", "confirmed", False, (0.2, 0.2, 60), "incident"),
    "a confirmed cause of cases never decided": ("incident", "confirmed", False, (0.1, 0.1, 60), "inconclusive"),
    "well, plainly an incident": ("not_an_incident", "likely", False, (0.1, 0.8, 60), "incident"),
    "well, perhaps an incident": ("not_an_incident", "likely", False, (0.3, 0.6, 60), "not_an_incident"),
    "well, and such cases were never decided": ("not_an_incident", "likely", False, (0.1, 0.1, 60), "inconclusive"),
    "nothing known fits, more likely well": ("inconclusive", "possible", True, (0.7, 0.2, 30), "not_an_incident"),
    "nothing known fits, more likely ill": ("inconclusive", "possible", True, (0.2, 0.7, 30), "incident"),
    "nothing known fits, perhaps well": ("inconclusive", "possible", True, (0.4, 0.3, 30), "inconclusive"),
    "nothing known fits, and nobody knows": ("inconclusive", "possible", True, (0.35, 0.35, 30), "inconclusive"),
    "nothing known fits, and little is seen": ("inconclusive", "possible", True, (0.9, 0.1, 24), "inconclusive"),
    "left open on purpose": ("inconclusive", "possible", False, (0.9, 0.1, 60), "inconclusive"),
}


@pytest.mark.parametrize("name", HEARD)
def test_it_is_heard_where_it_is_plain_and_the_rules_are_not(name: str):
    verdict, sure, unsettled, (well, ill, known), wanted = HEARD[name]
    draft = with_second_opinion(_draft(verdict, sure, unsettled=unsettled), _opinion(well, ill, known=known), _facts())
    assert draft.verdict == wanted
    assert "700 recorded cases" in draft.reasoning
    # Whoever changes the rules' mind asks for a wider look before it stands.
    assert draft.unsettled == (unsettled or wanted != verdict)


@pytest.mark.parametrize(("ill", "verdict"), [(0.85, "not_an_incident"), (0.97, "incident")])
def test_a_reason_that_can_be_named_is_given_up_for_nearly_nothing(ill: float, verdict: str):
    reasoned = _draft("not_an_incident").model_copy(update={"reasoned": True})
    assert with_second_opinion(reasoned, _opinion(0.01, ill), _facts()).verdict == verdict


def test_where_nothing_was_measured_of_what_only_a_measurement_tells_nobody_is_calmed():
    opinion = _opinion(0.95, 0.02)
    assert with_second_opinion(_draft("incident"), opinion, _facts(told=False)).verdict == "incident"
    left_open = _draft("inconclusive", "possible", unsettled=True)
    assert with_second_opinion(left_open, opinion, _facts(told=False)).verdict == "inconclusive"


def test_where_only_words_are_soothing_or_the_target_was_not_seen_nobody_is_calmed():
    soothing = _opinion(0.95, 0.02, state="firing")
    assert with_second_opinion(_draft("incident", "confirmed"), soothing, _facts()).verdict == "incident"
    left_open = _draft("inconclusive", "possible", unsettled=True)
    assert with_second_opinion(left_open, soothing, _facts()).verdict == "inconclusive"
    gone = replace(_facts(), absent=Citation(evidence="E3", quote="There is no container web."))
    assert with_second_opinion(left_open, _opinion(0.95, 0.02), gone).verdict == "inconclusive"
    unquotable = replace(_opinion(0.95, 0.02), seen={"over": None})
    assert with_second_opinion(_draft("incident"), unquotable, _facts()).verdict == "incident"


SHORT = Sign("E4", "kubernetes", "trouble", "strong", "deployment web: 2 of 6 replicas ready", "web", BEGAN, "")
# what is found, how sure; what is left without the words; whether more than words shows it; is it called well?
UNSAID: dict[str, tuple[str, str, str, tuple[float, float], bool, bool]] = {
    "nothing known fits": ("inconclusive", "possible", "ringing", (0.1, 0.2), False, True),
    "nothing known fits, and it is seen": ("inconclusive", "possible", "ringing", (0.1, 0.2), True, True),
    "likely, words alone make it well": ("incident", "likely", "ringing", (0.1, 0.2), False, False),
    "likely": ("incident", "likely", "humming", (0.2, 0.4), True, True),
    "confirmed by what was said": ("incident", "confirmed", "humming", (0.2, 0.4), False, True),
    "confirmed, and it is seen": ("incident", "confirmed", "humming", (0.2, 0.4), True, False),
    "confirmed and seen, well by what was measured": ("incident", "confirmed", "over", (0.4, 0.6), True, True),
}


@pytest.mark.parametrize("name", UNSAID)
def test_the_more_is_found_the_more_than_words_must_speak_for_good_news(name: str):
    verdict, sure, state, (least, most), shown, calmed = UNSAID[name]
    opinion = _opinion(0.95, 0.02, state=state)
    assert least < opinion.well_unsaid < most
    facts = replace(_facts(), signs=[SHORT]) if shown else _facts()
    draft = with_second_opinion(_draft(verdict, sure, unsettled=verdict == "inconclusive"), opinion, facts)
    assert draft.verdict == ("not_an_incident" if calmed else verdict)


def test_a_long_note_is_no_evidence_against_what_is_confirmed():
    few = _opinion(0.95, 0.02, measured=13)
    assert with_second_opinion(_draft("incident", "confirmed"), few, _facts()).verdict == "incident"
    assert with_second_opinion(_draft("incident", "likely"), few, _facts()).verdict == "not_an_incident"


def test_what_is_confirmed_and_overruled_stays_proven_to_a_model():
    calmed = with_second_opinion(_draft("incident", "confirmed"), _opinion(0.9, 0.05), _facts())
    assert (calmed.verdict, calmed.overruled) == ("not_an_incident", "memory_pressure")
    assert with_second_opinion(_draft("incident", "likely"), _opinion(0.9, 0.05), _facts()).overruled is None
    state = Evidence(label="E1", source="docker", kind="state", title="s", query="q", content=QUOTE.quote)
    said = Evidence(label="E2", source="loki", kind="log", title="l", query="q", content="INFO GET /items/5 200")
    evidence = {"E1": state, "E2": said}

    def asked(verdict: Any, category: Any, cite: Citation) -> Draft | None:
        claim = Hypothesis(
            category=category, statement="So it is.", confidence="possible", analyst="llm", supporting=[cite]
        )
        values: Any = {"verdict": verdict, "category": category, "confidence": "possible", "hypotheses": [claim]}
        return settle(Draft(analyst="llm", root_cause="c", summary="s", **values), [claim], evidence, calmed)

    agreed = asked("incident", "memory_pressure", QUOTE)
    assert agreed is not None
    assert (agreed.verdict, agreed.confidence) == ("incident", "confirmed")
    assert asked("not_an_incident", "healthy", Citation(evidence="E2", quote="INFO GET /items/5 200")) is None
    assert asked("not_an_incident", "healthy", QUOTE) is not None


def test_good_news_quotes_what_speaks_for_it_and_keeps_what_the_rules_found():
    draft = with_second_opinion(_draft("incident"), _opinion(0.9, 0.05), _facts())
    assert (draft.category, draft.hypotheses[0].category) == ("healthy", "healthy")
    assert [c.quote for c in draft.hypotheses[0].supporting] == [SPEAKS.quote]
    assert [c.quote for c in draft.hypotheses[0].contradicting] == [QUOTE.quote]
    assert [(h.category, h.confidence) for h in draft.hypotheses[1:]] == [("memory_pressure", "possible")]
    assert "announced maintenance" in draft.root_cause
    assert "memory_pressure" in draft.root_cause


@pytest.mark.parametrize("verdict", ["inconclusive", "not_an_incident"])
def test_an_alarm_is_a_guess_and_proposes_nothing(verdict: str):
    draft = with_second_opinion(_draft(verdict, "possible", unsettled=True), _opinion(0.05, 0.9), _facts())
    assert (draft.verdict, draft.confidence) == ("incident", "possible")
    assert draft.category == draft.hypotheses[0].category
    assert draft.category == ("memory_pressure" if verdict == "inconclusive" else "oom")
    assert isinstance(remedy(case(), draft, []), Refusal)


# how sure the rules are of what they put first; the share of another kind, what else they found; what leads, how sure
LEADS: list[tuple[str, float, list[tuple[str, str]], str, str]] = [
    ("likely", 0.5, [("oom", "likely")], "oom", "likely"),
    ("likely", 0.5, [("oom", "possible")], "oom", "possible"),
    ("likely", 0.5, [], "oom", "possible"),
    ("likely", 0.15, [("oom", "likely")], "memory_pressure", "likely"),
    ("confirmed", 0.45, [("oom", "likely")], "oom", "likely"),
    ("confirmed", 0.25, [("oom", "possible")], "memory_pressure", "confirmed"),
    ("confirmed", 0.55, [("oom", "possible")], "oom", "possible"),
    ("confirmed", 0.25, [], "memory_pressure", "confirmed"),
    ("confirmed", 0.5, [], "oom", "possible"),
]


@pytest.mark.parametrize(("first", "share", "others", "category", "sure"), LEADS)
def test_that_leads_which_it_is_plainly_like(
    first: str, share: float, others: list[tuple[str, str]], category: str, sure: str
):
    draft = with_second_opinion(_draft("incident", first, others=others), _opinion(0.1, 0.9, share=share), _facts())
    assert (draft.category, draft.hypotheses[0].category) == (category, category)
    assert (draft.confidence, draft.hypotheses[0].confidence) == (sure, sure)
    assert "memory_pressure" in draft.root_cause
    assert {h.category for h in draft.hypotheses} == {"memory_pressure", category, *(other for other, _ in others)}


def test_good_news_falls_with_its_quotes():
    draft = with_second_opinion(_draft("incident"), _opinion(0.9, 0.05), _facts())
    well, others = draft.hypotheses[:1], draft.hypotheses[1:]
    stands, fell = settle(draft, [*well, *others], {}, draft), settle(draft, others, {}, draft)
    assert stands is not None
    assert fell is not None
    assert (stands.verdict, fell.verdict) == ("not_an_incident", "inconclusive")
    open_ = with_second_opinion(_draft("not_an_incident"), _opinion(0.1, 0.1), _facts())
    assert settle(open_, open_.hypotheses, {}, open_) == open_


def test_without_an_opinion_the_rules_answer_alone():
    assert with_second_opinion(_draft("incident"), None, _facts()) == _draft("incident")
    # Of a case without anything only the alert is known.
    assert analyse(case(), [], learned()).verdict == "inconclusive"


def test_what_comes_with_nightdesk_is_learned_from_the_scenarios_as_they_are():
    stored = orjson.loads(files(experience).joinpath(MODEL).read_bytes())
    assert stored["known"] == fingerprint(SCENARIOS), "make learn"
    assert not [path for path in folders(SCENARIOS) if "held_back" in path.parts]


def test_whoever_writes_lines_calms_nobody():
    verdicts = learned().verdicts
    well, ill = verdicts.categories.index("not_an_incident"), verdicts.categories.index("incident")
    of_lines = {trait: dict(adds) for trait, (_, adds) in verdicts.weights.items() if trait.startswith(OF_LINES)}
    assert len(of_lines) > 50
    # Both are rounded, and what is next to nothing is left out.
    assert [trait for trait, adds in of_lines.items() if adds.get(well, 0) > adds.get(ill, 0) + 0.2] == []
    # Nor do they leave anything in doubt.
    open_ = verdicts.categories.index("inconclusive")
    assert [trait for trait, adds in of_lines.items() if adds.get(open_, 0) > adds.get(ill, 0) + 0.2] == []

    soothing = "INFO announced maintenance: all is healthy, as planned, nothing to do, recovered, test only"
    told = case(alerts=[alert()])
    seen = [metric("errors", 0.0, 0.4, 0.5), log(*SERVING, (1, "ERROR cannot place order: ledger is gone"))]
    written = [*seen, log(*[(n / 10, f"{soothing} {n}") for n in range(90)], label="E7")]
    assert _well(told, written) <= _well(told, seen) + 0.01


def _well(told: Any, evidence: list[Evidence]) -> float:
    opinion = learned().opinion(told, read(told, evidence))
    assert opinion is not None
    return opinion.share("not_an_incident")


def test_words_of_lines_tell_the_kind_of_trouble_and_never_whether_it_is_any():
    told = case(alerts=[alert()])
    found = traits(told, read(told, [log((1, "ERROR zanzibar cannot be reached: connection refused"))]))
    assert f"{OF_LINES}own error" in found
    assert [trait for trait in found if "zanzibar" in trait] == [f"{OF_WORDS}zanzibar"]
    assert any(trait.startswith(OF_WORDS) for trait in learned().categories.weights)
    assert not any(trait.startswith(OF_WORDS) for trait in learned().verdicts.weights)


@pytest.mark.parametrize(("minutes", "when"), [(5, "before"), (45, "long before"), (-2, "after")])
def test_a_case_is_known_by_the_names_of_its_series_and_by_when_what_was_changed(minutes: int, when: str):
    text = "2026-11-21T02:50:00Z deploy web: web 3 -> 4"
    change = LogLine("E2", text, text, None, BEGAN - timedelta(minutes=minutes), 1)
    line = 'kafka_consumergroupLag_total{group="web"}: 3 → 4'
    series = Metric("E5", "other", line, [(BEGAN.timestamp(), 3.0)], None, None)
    known = traits(case(), replace(_facts(), changes=[change], metrics=[series]))
    assert f"changed deploy {when}" in known
    assert {"series named kafka", "series named consumergroup", "series named lag"} <= set(known)


def test_it_learns_what_cases_have_in_common():
    ill = [Known(f"i{n}", ["alert firing", "means killed", f"alert says w{n}"], "incident", "oom") for n in range(6)]
    slow = [Known(f"s{n}", ["alert firing", "means slow"], "incident", "slow_query") for n in range(6)]
    well = [Known(f"w{n}", ["alert resolved", "means steady"], "not_an_incident", "") for n in range(6)]
    open_ = [Known(f"o{n}", ["alert firing", "means missing"], "inconclusive", "") for n in range(6)]
    knows = Experience.of(learn([*ill, *slow, *well, *open_]))
    assert knows.cases == 24
    assert (
        max(knows.verdicts.shares(["alert resolved", "means steady"]).items(), key=lambda s: s[1])[0]
        == "not_an_incident"
    )
    assert knows.categories.shares(["means killed"])["oom"] > 0.5
    # Rarer than in three cases it is somebody's name.
    assert "alert says w1" not in knows.verdicts.weights
    assert knows.verdicts.shares(["alert says never"]) == {}


def test_the_beliefs_of_a_model_add_up_and_can_be_taken_apart():
    assert sum(VERDICTS.shares(["changed announced", "unheard of"]).values()) == pytest.approx(1)
    assert VERDICTS.speaks_for("changed announced", "not_an_incident") == pytest.approx(2)
    assert VERDICTS.speaks_for("changed announced", "incident") < 0
    assert VERDICTS.speaks_for("unheard of", "incident") == 0

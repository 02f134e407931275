"""What else was seen about then is quoted beside the conclusion, and nothing rests on it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.context.circumstances import circumstances
from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.remedies import remedy
from agent_graph.conclusion import Draft
from agent_graph.sources.changes import evidence_of as changes
from backend.action.kinds import Proposal
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import BEGAN, NOW, alert, case, container, logs, metric
from tests.agent_graph.test_judgement import SERVING, log

CRASH = [(n, "FATAL cannot bind: address already in use") for n in range(3)]


def _alert(content: str) -> Evidence:
    return Evidence(label="E9", source="alert", kind="event", title="a", query="q", content=content, data={"firing": 1})


def _beside(draft: Draft) -> list[str]:
    return [c.quote for c in draft.hypotheses[0].supporting if c.beside]


def test_the_alerts_own_words_what_was_changed_and_what_was_new_are_quoted():
    told = case(alerts=[alert(annotations={"description": "web has not answered for 5m"})])
    row = {"ts": (BEGAN - timedelta(minutes=50)).isoformat(), "kind": "deploy", "target": "db", "summary": "db 3 -> 4"}
    far = {**row, "ts": (BEGAN - timedelta(hours=9)).isoformat(), "summary": "cache 1 -> 2"}
    changed = [one.model_copy(update={"label": "E7"}) for one in evidence_of(told, [row, far])]
    neighbour = log(
        (-9, "INFO hello"),
        (1, "WARN entering master state: advertisements missing"),
        label="E3",
        speaker="lb-2",
        own=False,
    )
    others = [*changed, neighbour, _alert("ContainerDown (firing)\n  description: web has not answered for 5m")]
    draft = analyse(told, [container(ExitCode=1), log(*SERVING, *CRASH), *others])
    beside = " ".join(_beside(draft))
    assert "web has not answered for 5m" in beside
    assert "db 3 -> 4" in " ".join(c.quote for c in draft.hypotheses[0].supporting)
    assert "entering master state" in beside
    assert "cache 1 -> 2" not in beside
    assert "hello" not in beside


def test_the_alerts_words_are_quoted_as_they_were_kept_without_what_is_secret_or_too_short_to_prove_anything():
    told = case(alerts=[alert(annotations={"description": "no login as web with hunter2"})])
    kept = _alert("ContainerDown (firing)\n  description: no login as web with [hidden]\n  summary: down")
    seen = [container(ExitCode=1), log(*SERVING, *CRASH)]
    assert "no login as web with [hidden]" in _beside(analyse(told, [*seen, kept]))
    assert "hunter2" not in str(analyse(told, [*seen, kept]))
    assert "down" not in _beside(analyse(told, [*seen, _alert("ContainerDown (firing)\n  summary: down")]))


def evidence_of(told: object, rows: list[dict[str, str]]) -> list[Evidence]:
    return changes(told, rows, "changes")  # type: ignore[arg-type]


def test_what_is_hardly_ever_said_about_then_is_quoted_whatever_it_tells():
    served = [(n / 4, f"INFO GET /items/{n} 200") for n in range(40)]
    once = [(2, "INFO campaign spring finished"), (3, "INFO backup of orders done"), (90, "INFO said long after")]
    folded = [(4 + n / 10, "INFO     at com.acme.Pay.run(Pay.java:7)") for n in range(2)]
    draft = analyse(case(), [container(ExitCode=1), log(*SERVING, *CRASH, *served, *once, *folded)])
    beside = " ".join(_beside(draft))
    assert "campaign spring finished" in beside
    assert "backup of orders done" in beside
    assert "GET /items" not in beside
    assert "said long after" not in beside
    assert "com.acme" not in beside


def test_nothing_is_quoted_twice():
    draft = analyse(case(alerts=[alert()]), [container(ExitCode=1), log(*SERVING, *CRASH)])
    quotes = [c.quote for c in draft.hypotheses[0].supporting]
    assert len(quotes) == len(set(quotes))
    assert quotes[0] not in _beside(draft)


def test_no_action_rests_on_it():
    moved = metric("memory", 10.0, 10.0, 90.0, label="E5")
    said = logs("ERROR unhandled ValueError: bad order", "FATAL giving up: ValueError: bad order")
    seen = [container(ExitCode=1), said, moved]
    told = case(alerts=[alert()])
    draft = analyse(told, seen)
    proposal = remedy(told, draft, seen)
    assert isinstance(proposal, Proposal)
    rests_on = {c.evidence for c in draft.hypotheses[0].supporting if not c.beside}
    assert set(proposal.evidence) <= rests_on


def test_what_was_switched_elsewhere_keeps_nobody_from_a_restart():
    row = {"ts": (BEGAN - timedelta(minutes=50)).isoformat(), "kind": "flag", "target": "newsletter"}
    flags = evidence_of(case(), [{**row, "summary": "feature flag spring-banner on for newsletter"}])
    said = logs("FATAL unhandled exception: KeyError 'price'", "ERROR giving up: KeyError 'price'")
    seen = [container(Running=True, health="unhealthy"), said]
    with_flag = [*seen, *(one.model_copy(update={"label": "E7"}) for one in flags)]
    draft = analyse(case(), with_flag)
    assert "spring-banner" in " ".join(_beside(draft))
    alone = remedy(case(), analyse(case(), seen), seen)
    proposal = remedy(case(), draft, with_flag)
    assert isinstance(alone, Proposal)
    assert isinstance(proposal, Proposal)
    assert proposal.kind == alone.kind


def test_a_draft_without_an_explanation_stays_without():
    assert analyse(case(alerts=[alert()]), []).hypotheses == []


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([8.0] * 30 + [7.0] * 6 + [8.0] * 9, True),
        ([8.0] * 45, False),
        # It is at no level that it could leave, and long away is not for a while.
        ([8.0 + n % 7 / 10 for n in range(45)], False),
        ([8.0] * 10 + [7.0] * 26 + [8.0] * 9, False),
    ],
)
def test_what_left_its_level_and_came_back_is_told_where_nothing_moved_for_good(values: list[float], told: bool):
    start = NOW.timestamp() - 60 * (len(values) - 1)
    line = "members_counted{}: 8 → 8, highest 8, lowest 7"
    measured = Metric("E5", "other", line, [(start + 60 * n, v) for n, v in enumerate(values)], None, None)
    facts = replace(Facts(case()), metrics=[measured])
    assert (line in [cite.quote for cite in circumstances([], facts, [])]) == told


# what the series is called, with its labels; does the alert speak of it
SPOKEN_OF = {
    'ClickHouseAsyncMetrics_MaxPartCountForPartition{instance="ch-2:9363"}': True,
    'kafka_consumergroup_lag{consumergroup="parts", partition="max"}': False,
    'part_merges_total{instance="ch-2:9363"}': False,
    'up{job="node"}': False,
}


@pytest.mark.parametrize("name", SPOKEN_OF)
def test_the_series_that_the_alert_speaks_of_is_told_though_it_did_not_move(name: str):
    told = alert(name="TooManyParts", annotations={"summary": "MaxPartCountForPartition 640 (>300)"})
    line = f"{name}: 640 → 640, highest 640, lowest 640"
    series = Metric("E5", "other", line, [(NOW.timestamp(), 640.0)], None, None)
    facts = replace(Facts(case(alerts=[told])), metrics=[series])
    assert (line in [cite.quote for cite in circumstances([], facts, [])]) == SPOKEN_OF[name]

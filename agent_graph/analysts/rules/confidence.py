"""How sure: a label derived from what the evidence is, never from how sure somebody sounds."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from agent_graph.analysts.rules.finding import Finding
from agent_graph.conclusion import Draft
from backend.investigation.kinds import CaseFile, Citation, Confidence, Evidence, Hypothesis

ORDER: dict[Confidence, int] = {"confirmed": 3, "likely": 2, "possible": 1, "ruled_out": 0}
_LABELS: dict[int, Confidence] = {rank: label for label, rank in ORDER.items()}
# Older trouble than this belongs to another story until something ties it to this one.
BELONGS = timedelta(minutes=30)


_NO_CAUSE = "the model could not establish a cause."


def lower(sure: Confidence) -> Confidence:
    """One less, as long as nothing rules it out."""
    return _LABELS[max(1, ORDER[sure] - 1)] if ORDER[sure] else sure


def is_signal(found: Evidence) -> bool:
    """Does it come from a measurement or the platform, and not from text somebody could write?

    That something was changed measures nothing: changes come before good days, too.
    """
    measured = found.kind in ("state", "metric", "history") and found.source != "changes"
    return measured or (found.source == "docker" and found.kind == "event")


def has_signal(citations: Sequence[Citation], evidence: Mapping[str, Evidence]) -> bool:
    return any(is_signal(evidence[c.evidence]) for c in citations if c.evidence in evidence)


def has_log(citations: Sequence[Citation], evidence: Mapping[str, Evidence]) -> bool:
    return any(evidence[c.evidence].kind == "log" for c in citations if c.evidence in evidence)


def _alarmed(citations: Sequence[Citation], evidence: Mapping[str, Evidence]) -> bool:
    """Does a firing alert stand behind the words? Enough for an answer, never for an action."""
    return any(evidence[c.evidence].source == "alert" for c in citations if c.evidence in evidence)


def confidence_of(finding: Finding, case: CaseFile, evidence: Mapping[str, Evidence]) -> Confidence:
    """confirmed: the platform's own word, or words and measurement that fit in time. likely: a measurement. possible:
    only words. One less when something speaks against it."""
    signal, words = has_signal(finding.supporting, evidence), has_log(finding.supporting, evidence)
    in_time = finding.onset is not None and finding.onset >= case.started_at - BELONGS
    if finding.strength == "proof" and signal:
        rank = 3
    elif finding.strength == "strong" and signal:
        rank = 3 if words and in_time else 2
    elif finding.strength == "strong" and _alarmed(finding.supporting, evidence) and in_time:
        rank = 2
    else:
        rank = 1
    return lower(_LABELS[rank]) if finding.contradicting else _LABELS[rank]


def settle(draft: Draft, verified: list[Hypothesis], evidence: Mapping[str, Evidence], rules: Draft) -> Draft | None:
    """The draft with the hypotheses that stand and their labels. None: a model's conclusion that must not stand."""
    if draft.analyst == "rules":
        return _settle_rules(draft, verified)
    settled = [h.model_copy(update={"confidence": _of_model(h, evidence, rules)}) for h in verified]
    sure = rules.verdict == "incident" and rules.confidence == "confirmed"
    if draft.verdict != "inconclusive" and not settled:
        return None
    # What is proven is not outranked: the model may say more about it, but neither deny it nor give up on it.
    if sure and (draft.verdict != "incident" or settled[0].category != rules.category):
        return None
    if draft.verdict == "not_an_incident" and not _well_shown(settled[0], evidence, rules):
        return None
    if draft.verdict != "incident":
        well = draft.verdict == "not_an_incident"
        cause = draft.root_cause or settled[0].statement if well else _not_established(settled, rules)
        return draft.model_copy(update={"hypotheses": settled, "root_cause": cause})
    top = settled[0]
    proven = ORDER[top.confidence] >= ORDER["likely"]
    return draft.model_copy(
        update={
            "hypotheses": settled,
            "category": top.category,
            "root_cause": top.statement if proven else _not_established(settled, rules),
            "confidence": top.confidence,
            "verdict": "incident" if proven else "inconclusive",
        }
    )


def _not_established(guesses: Sequence[Hypothesis], rules: Draft) -> str:
    """What stands as the title where a model could not show a cause: its guess has its place below, as a guess."""
    if rules.verdict == "inconclusive":
        return rules.root_cause
    return "Not established: " + ("what speaks for the model's guess proves none." if guesses else _NO_CAUSE)


def _well_shown(leading: Hypothesis, evidence: Mapping[str, Evidence], rules: Draft) -> bool:
    """All is well only on the word of a measurement, where the rules see trouble."""
    seen = rules.verdict == "incident" or rules.overruled is not None
    return leading.category == "healthy" and (not seen or has_signal(leading.supporting, evidence))


def _settle_rules(draft: Draft, verified: list[Hypothesis]) -> Draft:
    # Good news may rest on nothing that can be quoted; where it had quotes and they fell, it falls with them.
    quoted = draft.verdict == "not_an_incident" and [h.category for h in draft.hypotheses[:1]] == ["healthy"]
    if (draft.verdict == "incident" or quoted) and (not verified or verified[0].category != draft.category):
        nothing = "The explanation did not survive the check of its quotes."
        return draft.model_copy(
            update={
                "hypotheses": verified,
                "verdict": "inconclusive",
                "category": "unknown",
                "root_cause": nothing,
                "confidence": "possible",
            }
        )
    return draft.model_copy(update={"hypotheses": verified})


def _of_model(hypothesis: Hypothesis, evidence: Mapping[str, Evidence], rules: Draft) -> Confidence:
    signal, words = has_signal(hypothesis.supporting, evidence), has_log(hypothesis.supporting, evidence)
    rank = 2 if signal and words else 1
    same = [ORDER[h.confidence] for h in rules.hypotheses if h.category == hypothesis.category]
    if hypothesis.category == rules.overruled:
        same.append(ORDER["confirmed"])
    rank = max([rank, *same])
    return lower(_LABELS[rank]) if hypothesis.contradicting else _LABELS[rank]

"""Where what recorded cases turned out to be speaks plainly against what the rules make of this one.

The rules know stories; a story that they have not been told they take for another one, or for none. What cases have in
common carries over to those. Whatever the rules found stays said, as what else it could be.
"""

from collections.abc import Sequence
from typing import Any

from agent_graph.analysts.rules.experience.opinion import Opinion
from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import distinct
from agent_graph.analysts.rules.parts import blind, name, trouble_signals
from agent_graph.analysts.rules.well.silent import fell_silent
from agent_graph.conclusion import Draft
from backend.investigation.kinds import Category, Citation, Confidence, Hypothesis, Verdict
from backend.redaction.clean import one_line

# What the rules say weighs as much as these shares of the belief: an incident by how sure they are, that all is well,
# and that it stays open. Measured on cases that neither had seen: there both are right equally often.
_INCIDENT: dict[Confidence, float] = {"confirmed": 0.6, "likely": 0.2, "possible": 0.2}
_WELL, _OPEN = 0.5, 0.2
# Against an incident alone a reason that can be named weighs more: 50 of 51 were right on cases that nobody had seen.
_REASONED = 0.4
# So much weighs the category that they put first, and one that they found besides.
_FIRST: dict[Confidence, float] = {"confirmed": 0.2, "likely": 0.15, "possible": 0.1}
_BESIDES: dict[Confidence, float] = {"confirmed": 0.05, "likely": 0.05, "possible": 0.025}
# What must be left of good news without the words for it: they may add to it, never make it. Where nothing known fits,
# against an incident, and against one that is confirmed and that more than words shows.
_UNSAID, _AGAINST_AN_INCIDENT, _AGAINST_WHAT_IS_SHOWN = 0.1, 0.2, 0.4
# Against what is confirmed, so many traits must be known that nobody wrote: a long note is no evidence.
_UNWRITTEN = 15
# On fewer traits that are known it is no opinion: nine of ten recorded cases have more.
_ENOUGH = 25
_MOST_HYPOTHESES, _MOST_CITATIONS = 5, 6
_LONGEST, _QUOTE = 1_150, 160
_SAYS: dict[Verdict, str] = {
    "incident": "an incident",
    "not_an_incident": "no incident",
    "inconclusive": "not to be decided",
}


def with_second_opinion(draft: Draft, opinion: Opinion | None, facts: Facts) -> Draft:
    """The draft with the opinion in its reasoning; another verdict where the opinion is plain and the rules are not."""
    if opinion is None:
        return draft
    draft = draft.model_copy(update={"reasoning": f"{draft.reasoning}\n{_told(opinion)}"})
    verdict = _verdict(draft, opinion, facts)
    if verdict == draft.verdict:
        return _of_another_kind(draft, opinion, facts)
    if verdict == "not_an_incident":
        return _calmed(draft, opinion, facts)
    return _alarmed(draft, opinion, facts) if verdict == "incident" else _left_open(draft, opinion, facts)


def _verdict(draft: Draft, opinion: Opinion, facts: Facts) -> Verdict:
    if opinion.known < _ENOUGH:
        return draft.verdict
    # What the rules left open on purpose, for two sources contradict each other or nothing was measured, stays open.
    if draft.verdict == "inconclusive" and not draft.unsettled:
        return draft.verdict
    believed = {verdict: opinion.share(verdict) + _said(draft, verdict) for verdict in _SAYS}
    best: Any = max(believed, key=believed.__getitem__)
    calms = best == "not_an_incident" != draft.verdict
    return draft.verdict if calms and not _may_calm(draft, opinion, facts) else best


def _said(draft: Draft, verdict: Verdict) -> float:
    """What the rules add to the belief in a verdict."""
    if verdict != draft.verdict:
        return -_REASONED if draft.reasoned and verdict == "incident" else 0.0
    sure = {"incident": _INCIDENT[draft.confidence], "not_an_incident": _WELL, "inconclusive": _OPEN}
    return sure[verdict]


def _may_calm(draft: Draft, opinion: Opinion, facts: Facts) -> bool:
    """Not where the target was not seen, where nothing can be quoted for it, or where only words are soothing."""
    unseen = blind(facts) or facts.absent is not None or fell_silent(facts)
    ill = draft.verdict == "incident"
    confirmed = ill and draft.confidence == "confirmed"
    if unseen or not _for_calm(opinion, facts) or (confirmed and opinion.unwritten < _UNWRITTEN):
        return False
    shown = confirmed and bool(trouble_signals(facts))
    return opinion.well_unsaid >= (_AGAINST_WHAT_IS_SHOWN if shown else _AGAINST_AN_INCIDENT if ill else _UNSAID)


def _for_calm(opinion: Opinion, facts: Facts) -> list[Citation]:
    """An alert quoted as good news reads like a joke, whatever its words weigh."""
    told = opinion.citations("not_an_incident", 2 * _MOST_CITATIONS)
    alert = facts.alert.evidence if facts.alert is not None else None
    return [cite for cite in told if cite.evidence != alert][:_MOST_CITATIONS]


def _of_another_kind(draft: Draft, opinion: Opinion, facts: Facts) -> Draft:
    """What it is most like leads, where that outweighs what the rules put first.

    As sure as the rules are of it: as a guess, where they only think it possible or do not think of it.
    """
    if draft.verdict != "incident" or not draft.hypotheses or opinion.known < _ENOUGH:
        return draft
    likest = _likest(draft.hypotheses, opinion, leads=True)
    if likest == draft.category:
        return draft
    found = next((h for h in draft.hypotheses[1:] if h.category == likest), None)
    leading = found or _resembling(likest, opinion, facts)
    cause = one_line(f"{leading.statement} Beside it: {draft.root_cause}", _LONGEST)
    return _led_by([leading, *(h for h in draft.hypotheses if h is not found)], draft, draft.verdict, cause)


def _likest(hypotheses: Sequence[Hypothesis], opinion: Opinion, *, leads: bool) -> Category:
    """The category that it is most like, with what the rules think of it. `leads`: is the first what they stand for?"""
    believed = dict(opinion.categories)
    for place, one in enumerate(hypotheses):
        weight = _FIRST if leads and place == 0 else _BESIDES
        if one.category != "healthy":
            believed[one.category] = believed.get(one.category, 0.0) + weight[one.confidence]
    likest: Any = max(believed, key=believed.__getitem__)
    return likest


def _resembling(category: Category, opinion: Opinion, facts: Facts) -> Hypothesis:
    """A guess at a category that no rule found."""
    speaks, like = opinion.citations("incident", _MOST_CITATIONS), category.replace("_", " ")
    what = f"{name(facts)} is most like {like}: so it was in recorded cases{_quotes(speaks)}."
    return Hypothesis(
        category=category,
        statement=one_line(what, _LONGEST),
        confidence="possible",
        analyst="rules",
        supporting=speaks,
        disproof="Read what it rests on: does that speak for another kind of trouble, it is that.",
    )


def _calmed(draft: Draft, opinion: Opinion, facts: Facts) -> Draft:
    against = _decisive(draft)
    speaks = [cite for cite in _for_calm(opinion, facts) if all(cite.quote != other.quote for other in against)]
    before = f"{name(facts)} looks well: what is seen of it was no incident in recorded cases{_quotes(speaks)}."
    well = Hypothesis(
        category="healthy",
        statement=one_line(before, _LONGEST),
        confidence="possible",
        analyst="rules",
        supporting=speaks,
        contradicting=against,
        disproof="Do what its users do; if that fails, it is not well.",
    )
    others = [h.model_copy(update={"confidence": "possible"}) for h in draft.hypotheses if h.category != "healthy"]
    cause = one_line(f"{before} What else it could be: {draft.root_cause}", _LONGEST)
    confirmed = draft.verdict == "incident" and draft.confidence == "confirmed"
    calmed = _led_by([well, *others], draft, "not_an_incident", cause)
    return calmed.model_copy(update={"overruled": draft.category if confirmed else None})


def _alarmed(draft: Draft, opinion: Opinion, facts: Facts) -> Draft:
    """An incident, with the rules' best guess for its cause, if they have one."""
    others = [h for h in draft.hypotheses if h.category != "healthy"]
    speaks = opinion.citations("incident", _MOST_CITATIONS)
    what = others[0].category if others else opinion.category
    like = what.replace("_", " ")
    before = f"Something is wrong with {name(facts)}, most like {like}: so it was in recorded cases{_quotes(speaks)}."
    left = "What speaks for good news: " if draft.verdict == "not_an_incident" else ""
    guess = others[0].statement if others else f"{left}{draft.root_cause}"
    cause = one_line(f"{before} {guess}", _LONGEST)
    leading = Hypothesis(
        category=what,
        statement=cause,
        confidence="possible",
        analyst="rules",
        supporting=distinct([*(others[0].supporting if others else []), *speaks]),
        contradicting=others[0].contradicting if others else [],
        disproof=others[0].disproof if others else "Do what its users do; if that goes well, nothing is wrong.",
    )
    return _led_by([leading, *others[1:]], draft, "incident", cause)


def _led_by(hypotheses: Sequence[Hypothesis], draft: Draft, verdict: Verdict, cause: str) -> Draft:
    """The draft with another leading hypothesis, as sure as that is."""
    leading = hypotheses[0]
    return draft.model_copy(
        update={
            "verdict": verdict,
            "category": leading.category,
            "root_cause": cause,
            "summary": cause,
            "confidence": leading.confidence,
            "hypotheses": list(hypotheses[:_MOST_HYPOTHESES]),
            "unsettled": draft.unsettled or verdict != draft.verdict,
        }
    )


def _left_open(draft: Draft, opinion: Opinion, facts: Facts) -> Draft:
    speaks = opinion.citations("inconclusive", _MOST_CITATIONS)
    before = f"Not established for {name(facts)}: in recorded cases like it too little was known{_quotes(speaks)}."
    left = "The best guess" if draft.verdict == "incident" else "What speaks for good news"
    cause = one_line(f"{before} {left}: {draft.root_cause}", _LONGEST)
    guesses = [h.model_copy(update={"confidence": "possible"}) for h in draft.hypotheses]
    return draft.model_copy(
        update={
            "verdict": "inconclusive",
            "category": "unknown",
            "root_cause": cause,
            "summary": cause,
            "confidence": "possible",
            "hypotheses": guesses,
            "unsettled": True,
        }
    )


def _told(opinion: Opinion) -> str:
    by_share = sorted(_SAYS, key=lambda verdict: -opinion.share(verdict))
    shares = ", ".join(f"{opinion.share(verdict):.0%} {_SAYS[verdict]}" for verdict in by_share)
    like = f"if one, most like {opinion.category.replace('_', ' ')} ({opinion.category_share:.0%})"
    return f"By what {opinion.cases} recorded cases had in common: {shares}; {like}."


def _quotes(speaks: Sequence[Citation]) -> str:
    told = "; ".join(one_line(cite.quote, _QUOTE).rstrip(".") for cite in speaks[:2])
    return f" ({told})" if told else ""


def _decisive(draft: Draft) -> list[Citation]:
    return draft.hypotheses[0].supporting[:1] if draft.hypotheses and draft.verdict == "incident" else []

"""From evidence to a draft, without a model: match every signature, rank, decide, say it in plain sentences."""

from collections.abc import Sequence
from dataclasses import replace

from agent_graph.analysts.rules.arrival import in_order
from agent_graph.analysts.rules.catalogue import SIGNATURES
from agent_graph.analysts.rules.confidence import ORDER, confidence_of, has_signal
from agent_graph.analysts.rules.context.afterwards import ranked_in_time
from agent_graph.analysts.rules.context.circumstances import circumstances
from agent_graph.analysts.rules.context.deeds import with_deed
from agent_graph.analysts.rules.context.first_words import with_first_words
from agent_graph.analysts.rules.context.missing import loudest, missing
from agent_graph.analysts.rules.context.recall import recalled
from agent_graph.analysts.rules.context.snapshots import with_hindsight
from agent_graph.analysts.rules.context.whys import with_whys
from agent_graph.analysts.rules.context.witnesses import witnessed
from agent_graph.analysts.rules.contradictions import settled
from agent_graph.analysts.rules.disputed import disputed
from agent_graph.analysts.rules.ends import ends_differ
from agent_graph.analysts.rules.experience.opinion import Experience
from agent_graph.analysts.rules.experience.second_opinion import with_second_opinion
from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, distinct
from agent_graph.analysts.rules.left import without_left
from agent_graph.analysts.rules.loops import without_earlier
from agent_graph.analysts.rules.nodes_gone import blamed_on_nodes
from agent_graph.analysts.rules.noise import background, usual, with_neighbours, without_usual
from agent_graph.analysts.rules.numbered import numbered
from agent_graph.analysts.rules.parting import with_parting_words
from agent_graph.analysts.rules.parts import blind, name, trouble_signals
from agent_graph.analysts.rules.platform import find
from agent_graph.analysts.rules.ranking import Ranked, with_one_cause
from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.served_none import with_fall
from agent_graph.analysts.rules.signatures.bad_deploy import has_rival
from agent_graph.analysts.rules.started_anew import started_anew
from agent_graph.analysts.rules.superseded import without_superseded
from agent_graph.analysts.rules.swaps import without_swaps
from agent_graph.analysts.rules.turned import turned
from agent_graph.analysts.rules.understood import understood
from agent_graph.analysts.rules.units import without_conversions
from agent_graph.analysts.rules.unwitnessed import unwitnessed
from agent_graph.analysts.rules.vanished import blamed_on_absent
from agent_graph.analysts.rules.well.all_well import all_well
from agent_graph.analysts.rules.well.full_by_design import with_design
from agent_graph.analysts.rules.well.reruns import with_failed_runs
from agent_graph.analysts.rules.well.silent import fell_silent
from agent_graph.analysts.rules.well.too_little import too_little
from agent_graph.analysts.rules.well.wellness import healthy
from agent_graph.analysts.rules.windows import without_echoes
from agent_graph.conclusion import Draft
from backend.investigation.kinds import CaseFile, Category, Citation, Confidence, Evidence, Hypothesis

_MOST_HYPOTHESES = 5
_MOST_CITATIONS = 8


def analyse(case: CaseFile, evidence: Sequence[Evidence], experience: Experience | None = None) -> Draft:
    """1. facts 2. findings 3. ranking 4. verdict 5. what recorded cases say to it 6. what else was seen 7. the past.

    `experience`: what recorded cases had in common; without it the rules answer alone.
    """
    ordered = in_order(evidence)
    facts = read(case, ordered)
    draft = _conclude(case, ordered, facts)
    if experience is not None:
        draft = with_second_opinion(draft, experience.opinion(case, facts), facts)
    return recalled(_with_circumstances(draft, facts, ordered), case, ordered)


def _with_circumstances(draft: Draft, facts: Facts, evidence: Sequence[Evidence]) -> Draft:
    if not draft.hypotheses:
        return draft
    leading, others = draft.hypotheses[0], draft.hypotheses[1:]
    seen = leading.model_copy(update={"supporting": circumstances(leading.supporting, facts, evidence)})
    return draft.model_copy(update={"hypotheses": [seen, *others]})


def _conclude(case: CaseFile, evidence: Sequence[Evidence], read_: Facts) -> Draft:
    by_label = {found.label: found for found in evidence}
    always = usual(case, evidence)
    seen = with_hindsight(without_left(settled(with_failed_runs(without_echoes(without_superseded(read_))))))
    seen = with_parting_words(without_conversions(seen))
    facts = without_swaps(without_earlier(without_usual(seen, always, background(case, evidence))))
    heard = with_neighbours(facts, always)
    findings = [finding for signature in SIGNATURES if (finding := find(signature, heard))]
    findings = [with_fall(finding, heard) for finding in blamed_on_nodes(blamed_on_absent(findings, heard), heard)]
    ranked = ranked_in_time([(finding, confidence_of(finding, case, by_label)) for finding in findings], case)
    ranked = turned(understood(ranked, heard, by_label, always), heard, by_label)
    ranked = [*(replace(r, finding=with_deed(r.finding, heard)) for r in ranked[:1]), *ranked[1:]]
    reasoning = _reasoning(facts, ranked, evidence)
    likely: list[Category] = [r.finding.category for r in ranked if ORDER[r.confidence] >= ORDER["likely"]]
    over = all_well(facts, ranked)
    if over is not None:
        return _well(over, _hypotheses(ranked, heard), reasoning).model_copy(update={"reasoned": True})
    wordy = not ranked or not has_signal(ranked[0].finding.supporting, by_label)
    suspected = ranked[0].finding.supporting if likely else []
    well = healthy(facts, suspected) if wordy or ranked[0].finding.strength == "weak" else None
    if well is not None and (blind(facts) or fell_silent(facts)):
        return _inconclusive(facts, _hypotheses(ranked, heard), reasoning).model_copy(update={"unsettled": False})
    leading = ranked[0].finding if ranked else None
    unseen = (unwitnessed(leading, facts, seen) or numbered(leading, facts)) if leading else None
    if well is None and ranked and ORDER[ranked[0].confidence] >= ORDER["likely"]:
        dispute = disputed(ranked[0].finding, heard)
        if dispute is not None:
            return _undecided(dispute, _hypotheses(ranked, heard), reasoning)
        if unseen is not None:
            return _undecided((unseen, []), _hypotheses(ranked, heard), reasoning)
        all_heard = replace(heard, around=seen.around)
        top = replace(ranked[0], finding=witnessed(with_whys(ranked[0].finding, all_heard), all_heard))
        return _incident(top, _hypotheses([top, *ranked[1:]], heard), reasoning)
    if well is not None:
        return _well(with_design(well, facts), _hypotheses(ranked, heard), reasoning)
    left, anew = _inconclusive(facts, _hypotheses(ranked, heard), reasoning), started_anew(seen)
    left = left.model_copy(update={"root_cause": anew, "summary": anew}) if anew else left
    known = unseen or anew or too_little(facts) or (leading is not None and has_rival(leading))
    return left.model_copy(update={"unsettled": not known})


def _incident(top: Ranked, hypotheses: list[Hypothesis], reasoning: str) -> Draft:
    finding = top.finding
    return Draft(
        verdict="incident",
        analyst="rules",
        category=finding.category,
        root_cause=finding.statement,
        confidence=top.confidence,
        summary=f"{finding.statement} ({top.confidence}; {_sources(finding)}).",
        hypotheses=hypotheses,
        reasoning=reasoning,
    )


def _well(finding: Finding, others: list[Hypothesis], reasoning: str) -> Draft:
    well = [_hypothesis(finding, "likely")] if finding.supporting else []
    return Draft(
        verdict="not_an_incident",
        analyst="rules",
        category="healthy",
        root_cause=finding.statement,
        confidence="likely",
        summary=finding.statement + (f" What else was thought of: {others[0].statement}" if others else ""),
        hypotheses=[*well, *others][:_MOST_HYPOTHESES],
        reasoning=reasoning,
    )


def _undecided(why: tuple[str, list[Citation]], hypotheses: list[Hypothesis], reasoning: str) -> Draft:
    """What was found stands as a guess, beside what denies it, if anything does."""
    cause, cites = why
    against = cites[-1:] or hypotheses[0].contradicting
    leading = hypotheses[0].model_copy(update={"confidence": "possible", "contradicting": against})
    return Draft(
        verdict="inconclusive",
        analyst="rules",
        category=leading.category,
        root_cause=cause,
        confidence="possible",
        summary=cause,
        hypotheses=[leading, *hypotheses[1:]],
        reasoning=reasoning,
    )


def _inconclusive(facts: Facts, hypotheses: list[Hypothesis], reasoning: str) -> Draft:
    less = too_little(facts)
    signals = trouble_signals(facts) or ([less.cite()] if less is not None else [])
    seen = f" What is seen: {signals[0].quote}." if signals else ""
    guess = f" The best guess: {hypotheses[0].statement}" if hypotheses else loudest(facts)
    cause = f"Not established for {name(facts)}: no known failure fits the evidence.{seen}{guess}{missing(facts)}"
    if facts.absent is not None:
        cause = f"Not established: {facts.absent.quote}{guess}"
    if not hypotheses and (differing := ends_differ(facts)) is not None:
        cause, hypotheses = differing.statement, [_hypothesis(differing, "possible")]
    return Draft(
        verdict="inconclusive",
        analyst="rules",
        category=hypotheses[0].category if hypotheses else "unknown",
        root_cause=cause,
        confidence="possible",
        summary=cause,
        hypotheses=hypotheses,
        reasoning=reasoning,
        unsettled=True,
    )


def _hypotheses(ranked: Sequence[Ranked], facts: Facts) -> list[Hypothesis]:
    """The leading one with what was complained of first; the others with what it leaves of them."""
    ranked = with_one_cause(ranked)
    leading = [_hypothesis(with_first_words(r.finding, facts), r.confidence) for r in ranked[:1]]
    return leading + [_hypothesis(r.finding, r.confidence) for r in ranked[1:_MOST_HYPOTHESES]]


def _hypothesis(finding: Finding, confidence: Confidence) -> Hypothesis:
    return Hypothesis(
        category=finding.category,
        statement=finding.statement,
        confidence=confidence,
        analyst="rules",
        supporting=distinct(finding.supporting)[:_MOST_CITATIONS],
        contradicting=distinct(finding.contradicting)[:_MOST_CITATIONS],
        disproof=finding.disproof,
    )


def _sources(finding: Finding) -> str:
    labels = list(dict.fromkeys(citation.evidence for citation in finding.supporting))
    return "see " + ", ".join(labels[:4]) if labels else "no evidence"


def _reasoning(facts: Facts, ranked: Sequence[Ranked], evidence: Sequence[Evidence]) -> str:
    """How the ranking came about, for whoever wants to check it."""
    lines = [f"Looked at {len(evidence)} pieces of evidence with {len(SIGNATURES)} signatures; {len(ranked)} matched."]
    for place, r in enumerate(ranked, start=1):
        since = f", first seen {r.finding.onset:%H:%M:%S}" if r.finding.onset else ""
        symptom = f", a symptom of {r.symptom_of}" if r.symptom_of else ""
        told = f"{place}. {r.finding.category}: {r.confidence} ({r.finding.strength} evidence{since}{symptom})."
        lines.append(told + (_told_apart(r.finding.category, ranked) if place == 1 else ""))
    lines += [str(found.data["topology"]) for found in evidence if found.data.get("topology")]
    if facts.case.past_actions:
        lines.append("Done before: " + "; ".join(_past(facts.case)) + ".")
    return "\n".join(lines)


def _told_apart(category: Category, ranked: Sequence[Ranked]) -> str:
    """What the leading one is known by, what it is easily taken for, and which of that was found as well."""
    signature = next((one for one in SIGNATURES if one.category == category), None)
    if signature is None:
        return ""
    found = {r.finding.category for r in ranked}
    others = ", ".join(f"{one} ({'found, too' if one in found else 'not found'})" for one in signature.mistaken_for)
    return f" It is known by {signature.needs}" + (f"; easily taken for it: {others}." if others else ".")


def _past(case: CaseFile) -> list[str]:
    return [f"{a.kind} on {a.target}: {a.verification or a.status}" for a in case.past_actions[:5]]

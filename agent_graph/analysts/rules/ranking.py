"""Which explanation leads: the one that explains most and came first, not its loudest symptom."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from agent_graph.analysts.rules.confidence import BELONGS, ORDER, lower
from agent_graph.analysts.rules.finding import Finding
from backend.investigation.kinds import Category, Citation, Confidence

# Clocks and collectors disagree by this much.
SLACK = timedelta(minutes=2)
# What a change breaks breaks while it is rolled out: what begins later only happened to come after it. Its own process
# may take a little longer to be rolled out everywhere, and what grows takes its time.
DIRECTLY, ROLLED_OUT = timedelta(minutes=5), timedelta(minutes=10)
_ITS_PROCESS: frozenset[Category] = frozenset({"app_crash", "restart_loop", "probe_failure", "config_error"})
_GROWING: frozenset[Category] = frozenset({"memory_pressure", "cpu_throttling", "oom"})
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Ranked:
    """A finding in its place. `symptom_of`: what explains it."""

    finding: Finding
    confidence: Confidence
    symptom_of: Category | None


def rank(findings: Sequence[tuple[Finding, Confidence]]) -> list[Ranked]:
    """Causes before symptoms, surer before less sure, last words before complaints, proven before said, wider and
    earlier before others."""
    ranked = [Ranked(finding, sure, _cause_of(finding, sure, findings)) for finding, sure in findings]
    present = {finding.category for finding, _ in findings}
    return sorted(
        ranked,
        key=lambda r: (
            r.symptom_of is not None,
            -ORDER[r.confidence],
            not r.finding.last_words,
            r.finding.strength != "proof",
            -len(r.finding.explains & present),
            r.finding.onset or _NEVER,
        ),
    )


def with_one_cause(ranked: Sequence[Ranked]) -> list[Ranked]:
    """At most the leading one is confirmed; what it explains is one less sure, and says what explains it.

    A guess explains nothing: where none is likely, they stand beside each other.
    """
    if not ranked or ORDER[ranked[0].confidence] < ORDER["likely"]:
        return list(ranked)
    return [*ranked[:1], *(_beside(rival, ranked[0]) for rival in ranked[1:])]


def _beside(rival: Ranked, leader: Ranked) -> Ranked:
    cause, finding = leader.finding, rival.finding
    of_the_same = bool(finding.supporting) and _quote(finding.supporting[0]) in map(_quote, cause.supporting)
    symptom = cause.category in (finding.category, rival.symptom_of) or (
        finding.category in cause.explains and _before(cause, finding)
    )
    if not cause.supporting or not (of_the_same or symptom):
        return replace(
            rival, confidence=lower(rival.confidence) if rival.confidence == "confirmed" else rival.confidence
        )
    what = cause.category.replace("_", " ")
    note = f"{what} rests on the same line" if of_the_same else f"{what} explains it"
    against = cause.supporting[0].model_copy(update={"note": note})
    return replace(
        rival,
        finding=replace(finding, contradicting=[*finding.contradicting, against]),
        confidence="possible" if of_the_same else lower(rival.confidence),
    )


def _quote(citation: Citation) -> tuple[str, str]:
    return citation.evidence, citation.quote


def _cause_of(finding: Finding, sure: Confidence, findings: Sequence[tuple[Finding, Confidence]]) -> Category | None:
    for other, other_sure in findings:
        likely = ORDER[other_sure] >= ORDER["likely"]
        if finding.category == "bad_deploy" and likely and not other.used and _unrelated(finding, other):
            return other.category
        if other.category == "bad_deploy" and _unrelated(other, finding):
            continue
        if other.used and finding.rooted:
            continue
        if finding.used and not other.used and likely and (other.rooted or _uses(other, finding)):
            return other.category
        mutual = other.category in finding.explains and not _firmer(other, finding)
        explains = finding.category in other.explains and not mutual
        if explains and ORDER[other_sure] >= _needed(other, finding, sure) and _before(other, finding):
            return other.category
    return None


def _uses(other: Finding, finding: Finding) -> bool:
    """Does it say what uses so much, and is not what comes of having too little?"""
    return other.category != finding.category and other.category not in finding.explains


def _firmer(one: Finding, other: Finding) -> bool:
    """Where each might explain the other, what was seen explains what is only complained of."""
    return one.rooted and not other.rooted


def _unrelated(change: Finding, other: Finding) -> bool:
    """Did it begin before the change, or long after it? What grows may take its time, and so may what was measured to
    go with the new version alone."""
    if other.category == change.category or other.onset is None or change.onset is None:
        return False
    after = other.onset - change.onset
    soon = ROLLED_OUT if other.category in _ITS_PROCESS else DIRECTLY
    late = after > soon and other.category not in _GROWING and not change.rooted
    return after < -SLACK or late


def _needed(cause: Finding, symptom: Finding, sure: Confidence) -> int:
    """A cause may be less sure than its symptom when it belongs to the same hour."""
    near = cause.onset is None or symptom.onset is None or symptom.onset - cause.onset <= BELONGS
    return min(ORDER[sure], ORDER["likely"]) if near else ORDER[sure]


def _before(cause: Finding, symptom: Finding) -> bool:
    return cause.onset is None or symptom.onset is None or cause.onset <= symptom.onset + SLACK

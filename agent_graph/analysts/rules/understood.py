"""A second look where no known pattern explains the trouble: lines read by what known lines they resemble."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from agent_graph.analysts.rules.catalogue import SIGNATURES
from agent_graph.analysts.rules.confidence import ORDER, confidence_of
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.loopback import of_itself
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import decisive
from agent_graph.analysts.rules.platform import weighed
from agent_graph.analysts.rules.ranking import Ranked, rank
from agent_graph.analysts.rules.signatures.words import finding_of
from agent_graph.logs.meaning import Meaning, meaning_of
from agent_graph.logs.words import taken_back
from backend.investigation.kinds import Category, Evidence

# What patterns find in nearly every kind of trouble: somebody complains of an error, or of somebody else.
_GENERAL: tuple[Category, ...] = ("app_crash", "network_error", "dependency_failure")
# What is seen of a trouble whatever its cause, or takes more than words: the platform's own state tells better.
_NOT_OF_WORDS: tuple[Category, ...] = ("probe_failure", "restart_loop", "bad_deploy")


def understood(
    ranked: list[Ranked], facts: Facts, evidence: Mapping[str, Evidence], always: Collection[str] = ()
) -> list[Ranked]:
    """The ranking; another one where it leads nowhere, or to a misreading, and what lines resemble leads somewhere.

    `always`: kinds of line that are always said. What only they resemble was so before it went wrong, too.
    """
    if _is_likely(ranked) and not _is_misread(ranked[0].finding, facts):
        return ranked
    if not _is_likely(ranked):
        facts = replace(facts, lines=[line for line in facts.lines if kind_of(line) not in always])
    findings = _read_again([r.finding for r in ranked], facts)
    again = rank([(finding, confidence_of(finding, facts.case, evidence)) for finding in findings])
    return again if _is_likely(again) or not ranked else ranked


def _is_likely(ranked: Sequence[Ranked]) -> bool:
    return bool(ranked) and ORDER[ranked[0].confidence] >= ORDER["likely"]


def _is_misread(finding: Finding, facts: Facts) -> bool:
    """Does a general finding rest on lines that speak for something finer?"""
    if finding.category not in _GENERAL or finding.strength == "proof" or finding.rooted:
        return False
    read = [meaning for line in finding.cited(facts.lines) if (meaning := meaning_of(line.text)).sure]
    return bool(read) and all(meaning.category not in (*_GENERAL, *_NOT_OF_WORDS) for meaning in read)


def _read_again(findings: Sequence[Finding], facts: Facts) -> list[Finding]:
    """What the lines resemble, and those findings that are neither the same nor a misreading."""
    # What a pattern knew, and something seen speaks against, says no more by what it resembles.
    refuted = {c.quote for f in findings if f.contradicting for c in f.supporting}
    heard = [line for line in facts.lines if _is_heard(line) and line.cite().quote not in refuted]
    read = [(line, meaning_of(line.text)) for line in heard]
    causes: list[Category] = [s.category for s in SIGNATURES if s.category not in _NOT_OF_WORDS]
    resembling = [one for category in causes if (one := _resembling(category, read, facts))]
    found = [f for one in resembling if (f := weighed(one.category, one, facts))]
    categories = {f.category for f in found}
    return [*found, *(f for f in findings if f.category not in categories and not _is_misread(f, facts))]


def _is_heard(line: LogLine) -> bool:
    # A warning alone is what healthy systems say, too; a line of no level must sound like trouble.
    return line.is_loud and not taken_back(line.text) and not of_itself(line)


def _resembling(category: Category, read: Sequence[tuple[LogLine, Meaning]], facts: Facts) -> Finding | None:
    lines = [line for line, meaning in read if meaning.sure and meaning.category == category]
    what = f"says what points to {category.replace('_', ' ')}"
    disproof = "Read the lines around it: said as often in good times, it is not the cause."
    return finding_of(facts, category, [decisive(lines), *lines] if lines else [], what, disproof)

"""Errors of which only a number is told: that something failed, and where somebody wrote down why."""

import re

from agent_graph.analysts.rules.facts import Facts, LogLine, quoted
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said

# The number under which the rest can be found, as applications hand it out that keep their errors to themselves.
_NUMBER = re.compile(
    r"\b(?:(?:error|incident|correlation|trace|request|event|log|support|exception)[-_ ]?)?"
    r"(?:ref(?:erence)?|id|no|number|code)\b[-_ #:='\"]{0,4}(?:number|no|id)?[-_ #:='\"]{0,4}(?=[\w-]*\d)[\w-]{4,64}",
    re.IGNORECASE,
)
_WITH_DIGITS, _WORD = re.compile(r"\b(?=[\w-]*\d)[\w-]+"), re.compile(r"[A-Za-z]{2,}")
# What says no more than that something went wrong.
_EMPTY = frozenset(
    "an the error errors err exception request requests failed failure fail fails failing with internal server"
    " unexpected unknown unhandled uncaught something went wrong occurred has have been was could not be processed"
    " process processing handled handle please try again later contact support see for details in while during call"
    " http status level msg message fatal critical severe".split()
)


def numbered(finding: Finding, facts: Facts) -> str | None:
    """What is known of it and what is missing; None where any line says more, or a change stands beside it."""
    if finding.category != "app_crash" or facts.signs_of("bad_deploy"):
        return None
    rests_on = [line for line in quoted(facts.lines, finding.supporting) if not line.speaker]
    complaints = [line for line in facts.lines if not line.speaker and line.complains]
    if not rests_on or not all(_tells_a_number(line) for line in [*rests_on, *complaints]):
        return None
    return (
        f"Not established for {name(facts)}: it fails, and of each failure its log tells a number and nothing else:"
        f" {said(rests_on[0])}. What is missing: what is kept under that number, wherever the application writes its"
        " errors, or the same failure with its details not hidden."
    )


def _tells_a_number(line: LogLine) -> bool:
    rest, found = _NUMBER.subn(" ", line.message)
    return found > 0 and all(word.lower() in _EMPTY for word in _WORD.findall(_WITH_DIGITS.sub(" ", rest)))

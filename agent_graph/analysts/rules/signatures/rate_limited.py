"""rate_limited: the other side says: too many requests."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.signatures.words import match_words

_WORDS = re.compile(
    r"\b429\b|too many requests|rate[- ]?limit(?:ed|ing| exceeded)"
    r"|quota exceeded for (?:quota )?metric|throttlingexception"
    r"|request(?:s)? (?:was|were|are|is) throttled|toomanyrequests"
    r"|slow ?down\b.{0,30}(?:503|reduce)|requestlimitexceeded|retry-after",
    re.IGNORECASE,
)


def match(facts: Facts) -> Finding | None:
    """Lines about too many requests."""
    return match_words(
        facts,
        "rate_limited",
        _WORDS,
        "is rate limited",
        "Compare the request rate with the limit of the other side.",
    )


SIGNATURE = Signature("rate_limited", "lines about too many requests", ("dependency_failure", "quota_exceeded"), match)

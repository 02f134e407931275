"""quota_exceeded: an administrative limit is used up."""

import re
from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.parts import name
from agent_graph.analysts.rules.signatures.no_machines import machines_refused
from agent_graph.analysts.rules.signatures.words import match_words

_WORDS = re.compile(
    r"exceeded quota|quota (?:has been |was )?exceeded|quotaexceeded|over quota"
    r"|limitexceeded|(?:resource|storage|service) quota"
    r"|disk quota exceeded|EDQUOT|RESOURCE_EXHAUSTED|LimitExceededException|vcpulimit"
    r"|insufficient_quota|exceeded your current quota|billing hard limit|maximum (?:bytes|messages) exceeded"
    r"|maximum (?:normal |frozen )?shards open|limit of total fields"
    r"|too_many_buckets|trying to create too many\b"
    # What the kernel counts of a service or a user: its processes and threads.
    r"|fork rejected by pids controller"
    # Numbers that are given out once each, and were all given.
    r"|reached (?:maximum|minimum) value of sequence|SequenceGeneratorLimitExceeded|integer out of range"
    r"|Duplicate entry '(?:2147483647|4294967295|8388607|16777215|32767|65535)'|out of range value for column '\w*id'"
    r"|to avoid wraparound data loss",
    re.IGNORECASE,
)
# A store that allows itself only so much, whatever room its disk has.
OWN_LIMIT = re.compile(r"mvcc: database space exceeded|\bdatabase reached its configured maximum size", re.IGNORECASE)
_EITHER = re.compile(f"{_WORDS.pattern}|{OWN_LIMIT.pattern}", re.IGNORECASE)
# How full it is measured to be where it says so.
_FULL = 0.95
_NUMBERS = re.compile(r"sequence|integer|entry '|out of range|wraparound", re.IGNORECASE)


def match(facts: Facts) -> Finding | None:
    """Lines about a quota, or about numbers that have run out."""
    numbers = any(_NUMBERS.search(line.text) for line in facts.matching(_EITHER)[:1])
    finding = match_words(
        facts,
        "quota_exceeded",
        _EITHER,
        "has run out of numbers to give" if numbers else "has used up a quota",
        "Read the quota and what is used of it.",
    )
    full = [m for m in facts.metrics if m.role == "disk" and m.last >= _FULL] if facts.matching(OWN_LIMIT) else []
    if finding is None or not full:
        return finding or _spent(facts) or machines_refused(facts)
    return replace(
        finding, strength="strong", supporting=finding.supported([full[0].cite("as it is measured")], after=1)
    )


def _spent(facts: Facts) -> Finding | None:
    """Credits that came to their end while they were watched: what was fast with them is slow without."""
    credits = next((m for m in facts.metrics if m.role == "credits" and m.last < 1 <= m.points[0][1]), None)
    slow = [s.cite("since then") for s in facts.signs_of("trouble", "strong") if credits and s.quote != credits.line]
    if credits is None or not slow or not facts.signs_of("quota_exceeded", "strong"):
        return None
    return Finding(
        category="quota_exceeded",
        statement=f"{name(facts)} has used up what it is lent beyond its base rate.",
        supporting=[credits.cite("what is left of it"), *slow[:2]],
        strength="strong",
        onset=credits.change_at,
        disproof="Look at what is left of the credits: more than nothing while it is as slow would rule it out.",
        explains=frozenset({"slow_query"}),
        rooted=True,
    )


SIGNATURE = Signature(
    "quota_exceeded", "lines about a quota", ("rate_limited", "scheduling_failure", "disk_pressure"), match
)

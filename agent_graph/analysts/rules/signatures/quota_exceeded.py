"""quota_exceeded: an administrative limit is used up."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
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
_NUMBERS = re.compile(r"sequence|integer|entry '|out of range|wraparound", re.IGNORECASE)


def match(facts: Facts) -> Finding | None:
    """Lines about a quota, or about numbers that have run out."""
    numbers = any(_NUMBERS.search(line.text) for line in facts.matching(_WORDS)[:1])
    return match_words(
        facts,
        "quota_exceeded",
        _WORDS,
        "has run out of numbers to give" if numbers else "has used up a quota",
        "Read the quota and what is used of it.",
    )


SIGNATURE = Signature(
    "quota_exceeded", "lines about a quota", ("rate_limited", "scheduling_failure", "disk_pressure"), match
)

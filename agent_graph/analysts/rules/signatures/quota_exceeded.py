"""quota_exceeded: an administrative limit is used up."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.signatures.words import match_words

_WORDS = re.compile(
    r"exceeded quota|quota (?:has been |was )?exceeded|quotaexceeded|over quota"
    r"|limitexceeded|(?:resource|storage|service) quota"
    r"|disk quota exceeded|EDQUOT|RESOURCE_EXHAUSTED|LimitExceededException|vcpulimit"
    r"|insufficient_quota|exceeded your current quota|billing hard limit",
    re.IGNORECASE,
)


def match(facts: Facts) -> Finding | None:
    """Lines about a quota."""
    return match_words(
        facts,
        "quota_exceeded",
        _WORDS,
        "has used up a quota",
        "Read the quota and what is used of it.",
    )


SIGNATURE = Signature(
    "quota_exceeded", "lines about a quota", ("rate_limited", "scheduling_failure", "disk_pressure"), match
)

"""scheduling_failure: no node can take it."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.signatures.words import match_words

_WORDS = re.compile(
    r"FailedScheduling|\d+/\d+ nodes are available|Unschedulable|didn't match (?:pod|node)"
    r"|insufficient (?:cpu|memory|nvidia|ephemeral)"
    r"|unbound (?:immediate )?PersistentVolumeClaims|had (?:untolerated taint|volume node affinity conflict)",
    re.IGNORECASE,
)


def match(facts: Facts) -> Finding | None:
    """The words of the scheduler."""
    return match_words(
        facts,
        "scheduling_failure",
        _WORDS,
        "cannot be placed on any node",
        "Compare what it requests with what the nodes have free.",
        any_level=True,
    )


SIGNATURE = Signature("scheduling_failure", "the words of the scheduler", ("quota_exceeded", "node_failure"), match)

"""cpu_throttling: it wants more CPU than its limit allows."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.signatures.words import match_words

_WORDS = re.compile(
    r"cpu (?:is )?throttl|throttled by (?:cgroup|cfs)|cfs quota|cpu quota"
    r"|high cpu (?:throttl|usage).{0,40}limit|cpu starvation"
    r"|event loop (?:is |was )?(?:blocked|lag|delay)|hypervisor .{0,20}steal|soft limit of cpu",
    re.IGNORECASE,
)


def match(facts: Facts) -> Finding | None:
    """Throttled periods, or words about them."""
    return match_words(
        facts,
        "cpu_throttling",
        _WORDS,
        "is held back by its CPU limit",
        "Compare CPU use with its limit: far below would rule it out.",
        any_level=True,
    )


SIGNATURE = Signature(
    "cpu_throttling", "throttled periods, or words about them", ("slow_query", "memory_pressure"), match
)

"""cpu_throttling: it wants more CPU than its limit allows."""

import re
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.signatures.words import match_words

_WORDS = re.compile(
    r"cpu (?:is )?throttl|throttled by (?:cgroup|cfs)|cfs quota|cpu quota"
    r"|high cpu (?:throttl|usage).{0,40}limit|cpu starvation"
    r"|event loop (?:is |was )?(?:blocked|lag|delay)|hypervisor .{0,20}steal|soft limit of cpu",
    re.IGNORECASE,
)

# A limit that goes from one number of cores to another, as settings and those who change them write it.
_LIMIT = re.compile(
    r"\b(?:limits?|quota)\b.{0,40}?\bcpus?\b\D{0,40}(\d+(?:\.\d+)?)(m?)\s?(?:->|→|to)\s?(\d+(?:\.\d+)?)(m?)",
    re.IGNORECASE,
)
_BEFORE = timedelta(minutes=60)


def match(facts: Facts) -> Finding | None:
    """Throttled periods, or words about them."""
    return _limited(facts) or match_words(
        facts,
        "cpu_throttling",
        _WORDS,
        "is held back by its CPU limit",
        "Compare CPU use with its limit: far below would rule it out.",
        any_level=True,
    )


def _limited(facts: Facts) -> Finding | None:
    """It is throttled since its limit itself was lowered: that is the cause, and no release that came with it."""
    signs = facts.signs_of("cpu_throttling", "proof", "strong")
    began = facts.case.started_at
    near = [s for s in facts.signs_of("bad_deploy") if s.at and began - _BEFORE <= s.at <= began]
    change = next((s for s in near if _lowered(s.quote)), None)
    if not signs or change is None:
        return None
    return Finding(
        category="cpu_throttling",
        statement=f"{name(facts)} is held back by its CPU limit since that was lowered: {change.means.rstrip('.')}.",
        supporting=[change.cite("its limit was lowered"), *(s.cite() for s in signs[:2]), *trouble_signals(facts)[:2]],
        strength="strong",
        onset=change.at,
        disproof="Give it its former limit: if it stays as slow, the limit was not the cause.",
        explains=frozenset({"bad_deploy"}),
        rooted=True,
    )


def _lowered(text: str) -> bool:
    found = _LIMIT.search(text)
    return found is not None and _cores(found[3], found[4]) < _cores(found[1], found[2])


def _cores(number: str, thousandths: str) -> float:
    return float(number) / (1000 if thousandths else 1)


SIGNATURE = Signature(
    "cpu_throttling", "throttled periods, or words about them", ("slow_query", "memory_pressure"), match
)

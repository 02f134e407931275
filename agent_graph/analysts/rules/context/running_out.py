"""A certificate that is still valid, and whose renewal fails: the only time in which that can be mended unnoticed."""

import re
from datetime import timedelta

from agent_graph.analysts.rules.context.renewed import complaints_of_renewal
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.sources import renewals

# Renewers begin a month before the end; what complains within these weeks has tried in vain for some time.
_SOON = timedelta(days=21)
_FAILS = re.compile(
    r"\b(?:err|errors?)\b|\bfail(?:ed|ure|s|ing)?\b|unable|could ?n.t|\bcannot\b|denied|refused|timed? ?out"
    r"|prevent|forbidden",
    re.IGNORECASE,
)
_WELL = re.compile(r"renewed|obtained|success|receiv|respond|issued|reload", re.IGNORECASE)
_HOST = re.compile(r"\b[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)*\.[a-z]{2,24}\b", re.IGNORECASE)


def running_out(facts: Facts) -> tuple[Metric | None, LogLine] | None:
    """What is left of it, where that is measured, and the last complaint of renewing it, after which none went well."""
    left = facts.metric("certificate")
    if not facts.case.firing or not renewals.is_about(facts.case) or facts.signs_of("trouble_over"):
        return None
    if left is not None and not 0 < left.last <= _SOON.total_seconds():
        return None
    named = _named(facts)
    told = [line for lines in complaints_of_renewal(facts, facts.case.now) for line in lines]
    done = [line for line in told if not _FAILS.search(line.text) and _WELL.search(line.text)]
    told = sorted((line for line in told if _FAILS.search(line.text)), key=lambda line: line.at or facts.case.now)
    bad = [line for line in told if not line.speaker or not named or any(host in line.text.lower() for host in named)]
    if not bad or any(one.at and bad[-1].at and one.at > bad[-1].at for one in done):
        return None
    return left, bad[-1]


def _named(facts: Facts) -> set[str]:
    """The names that whoever complains says."""
    alerts = [text for alert in facts.case.alerts for text in (*alert.labels.values(), *alert.annotations.values())]
    return {found.lower().removeprefix("www.") for text in [facts.case.title, *alerts] for found in _HOST.findall(text)}

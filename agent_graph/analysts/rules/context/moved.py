"""Who was made anew has another address: whoever asked for its name once goes on asking at the old one."""

import re
from collections.abc import Iterator
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.wording import clock
from backend.investigation.kinds import Citation

# Addresses of engines' own networks.
_ADDRESS = re.compile(
    r"(?<![\d.])(?:10(?:\.\d{1,3}){3}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}|192\.168(?:\.\d{1,3}){2})(?!\.?\d)"
)
_NOW_AT = re.compile(r", made anew \S+ at (.+)$")
_BEFORE, _SLACK = timedelta(minutes=10), timedelta(minutes=2)


def moved(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with a quote: one that was made anew just before an address of its network was in vain."""
    if finding.category not in ("dependency_failure", "network_error") or finding.onset is None:
        return
    asked = _ADDRESS.search(finding.told)
    anew = [s for s in facts.signs_of("made_anew") if s.at and -_SLACK <= finding.onset - s.at <= _BEFORE]
    if asked is None or any(asked[0] in _addresses(sign) for sign in anew):
        return
    for sign in anew[:1]:
        if sign.at is None:
            continue
        now_at = ", ".join(sorted(_addresses(sign)))
        has = f" and is at {now_at} now" if now_at else ", and who is made anew may get another address"
        yield (
            f"{sign.subject} was made anew at {clock(sign.at)}{has}, while {asked[0]} is still asked:"
            " whoever looked it up before must look again (a restart or reload does that)",
            sign.cite("made anew just before"),
        )


def _addresses(sign: Sign) -> set[str]:
    found = _NOW_AT.search(sign.quote)
    return set(found[1].split(", ")) if found else set()

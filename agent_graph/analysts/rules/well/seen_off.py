"""Does what stands around a machine say that it was switched off, by its name, as it went?"""

import re

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.well.complaints import WAITED
from agent_graph.sources.signs import aliases

_OFF = re.compile(
    r"power(?:ed|ing)?[ -]?off|shut(?:ting)?[ -]?down|\bswitched off|\bstopped\b|decommission|\bDECOM|deallocat"
    r"|undefined\b|destroyed\b",
    re.IGNORECASE,
)
# Nobody switches off like this.
_FELL = re.compile(
    r"unexpected|crash|panic|fail|\bloss\b|\blost\b|timed? ?out|thermal|overheat|watchdog", re.IGNORECASE
)
_LEAST = 3


def seen_off(facts: Facts) -> LogLine | None:
    """The last such line; none where anybody around it says that it fell."""
    named = [rf"(?<![\w-]){re.escape(one)}(?![\w-])" for one in aliases(facts.case) if len(one) >= _LEAST]
    if not named:
        return None
    since = facts.case.started_at - WAITED
    own = re.compile("|".join(named), re.IGNORECASE)
    about = [
        line for line in [*facts.around, *facts.lines] if line.at and line.at >= since and own.search(line.message)
    ]
    if any(line.is_error or _FELL.search(line.message) for line in about):
        return None
    return next((line for line in reversed(about) if _OFF.search(line.message)), None)

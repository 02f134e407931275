"""Lines that say that there was nothing to do, while an alert misses what should have come of it."""

import re

from agent_graph.analysts.rules.facts import Facts, LogLine

# What alerts call it that nothing new has come.
_STALE = re.compile(
    r"fresh|stale|outdated|no (?:new )?(?:data|rows|records|files|orders|events)|missing (?:data|rows|partition)"
    r"|\bempty\b"
    r"|row.?count|completeness|last (?:success|update|load)|hours? old|days? old|newest|too old|not updated",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"\bno (?:\w+ ){0,2}(?:match\w*|found)\b|nothing to (?:do|load|import|process|ingest|sync|export)"
    r"|\bno (?:new |matching )?(?:files?|objects?|rows?|records?|messages?|input|data|partitions?)\b"
    r"(?! lost| missing| corrupt)|\b(?:0|zero) (?:rows?|files?|records?|objects?|documents?|messages?|lines?)\b"
    r"|\bempty (?:result|batch|input|set|file)",
    re.IGNORECASE,
)
# A count that is none of trouble.
_NO_TROUBLE = re.compile(
    r"\b(?:0|no|zero) (?:\w+ )?(?:errors?|fail\w*|rejected|skipped|duplicates?|conflicts?)", re.IGNORECASE
)


def found_nothing(line: LogLine, facts: Facts) -> bool:
    """Said at each run, it is no noise where all alerts are about the age of something."""
    if line.level in ("error", "fatal") or not _NOTHING.search(line.message) or _NO_TROUBLE.search(line.message):
        return False
    told = [f"{alert.name} {' '.join(alert.annotations.values())}" for alert in facts.case.alerts]
    return bool(told) and all(_STALE.search(one) for one in told)

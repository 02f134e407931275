"""How late a copy of a database is told to be: by what was changed, what it is set to, or a setting that is measured.

What a log says of it proves nothing: anybody's text stands in logs.
"""

import re
from dataclasses import dataclass

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.sources.lateness import TOLD_DELAY
from backend.investigation.kinds import Citation

_SAID = re.compile(
    rf"(?:{TOLD_DELAY})[\"']?(?: ?[=:]| to)? ?(?:0\w* ?(?:->|→|to) ?)?[\"']?(\d+) ?(ms|s|min|h|d)?\b", re.IGNORECASE
)
_SET_UP = re.compile(
    r"delayed (?:copy|replica|standby|secondary|slave|member)\b.{0,80}?\b(\d+) ?(ms|s|min|h|d)(?:\b|ours?\b|ays?\b)",
    re.IGNORECASE,
)
_MEASURED = re.compile(rf"(?:^|_)(?:{TOLD_DELAY})(?:_(?:seconds|secs|ms|milliseconds))?$", re.IGNORECASE)
_MILLISECONDS = re.compile(r"_(?:ms|milliseconds)$", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True)
class SetDelay:
    """So many seconds, and what says so."""

    seconds: float
    quote: Citation


def set_delays(facts: Facts) -> list[SetDelay]:
    """What is measured first."""
    measured = [found for metric in facts.metrics if (found := _measured(metric))]
    quotes = [sign.cite("the delay that is set") for sign in facts.signs_of("told_delay")]
    read = [found for quote in quotes if (found := _delay(_SAID.search(quote.quote), quote))]
    return [*measured, *read, *(found for line in facts.changes if (found := _changed(line)))]


def _measured(metric: Metric) -> SetDelay | None:
    """A setting stands still; what moves is how late something is."""
    called = metric.line.split("{")[0].split(":")[0].strip()
    values = {value for _, value in metric.points}
    if metric.role == "replication_lag" or not _MEASURED.search(called) or len(values) > 1 or metric.last <= 0:
        return None
    seconds = metric.last * (0.001 if _MILLISECONDS.search(called) else 1.0)
    return SetDelay(seconds, metric.cite("the delay that was set"))


def _changed(line: LogLine) -> SetDelay | None:
    found = _SAID.search(line.message) or _SET_UP.search(line.message)
    return _delay(found, line.cite("the delay that was set"))


def _delay(found: re.Match[str] | None, quote: Citation) -> SetDelay | None:
    if found is None or not float(found[1]):
        return None
    return SetDelay(float(found[1]) * _SECONDS[(found[2] or "s").lower()], quote)

"""What it was, now that it is over: its loudest complaint, from when to when, and what was said of it elsewhere."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.parts import said, times
from agent_graph.analysts.rules.well.complaints import bad_lines, began
from agent_graph.sources.signs import aliases
from backend.investigation.kinds import Citation

_NAMED = re.compile(r"\w(?:Error|Exception)\b|\bpanic: |\bfatal\b")
_WORD = re.compile(r"[a-z][a-z]{4,}")
_BEFORE, _RUN = timedelta(minutes=30), timedelta(minutes=15)
# Words of complaints and of changes of all kinds.
_COMMON = frozenset(
    "error errors warning failed failure config deploy service server status request requests response connection"
    " attempt retry retried times timeout after while before message message level client"
    " exception update version release image platform change production rollout container database".split()
)


def aftermath(facts: Facts) -> tuple[str, list[Citation]]:
    """As the end of a sentence, with quotes; empty where nothing was complained of."""
    since = _since(facts)
    bad = [line for line in bad_lines(facts) if line.at and line.at >= since]
    if not bad:
        return "", []
    worst = max(bad, key=lambda line: (line.is_error, bool(_NAMED.search(line.text)), line.count))
    first, last = min(line.at for line in bad if line.at), max(line.at for line in bad if line.at)
    span = f"{first:%H:%M} to {last:%H:%M}" if f"{first:%H:%M}" != f"{last:%H:%M}" else f"{first:%H:%M}"
    told = _told(facts, bad)
    cited = [worst.cite(times(worst) or "said while it lasted"), *([told.cite("said of it elsewhere")] if told else [])]
    return f" While it lasted ({span}): {said(worst)}{f'; {said(told, 120)}' if told else ''}.", cited


def _since(facts: Facts) -> datetime:
    """From its beginning, or from the run on that failed: who tells of it waits."""
    failed = [s.at - _RUN for s in facts.signs_of("trouble_over") if s.at and s.source == "kubernetes"]
    return min([began(facts), *failed])


def _told(facts: Facts, bad: Sequence[LogLine]) -> LogLine | None:
    """The last change or notice that names what was complained of, by a word that is not everybody's."""
    own = " ".join(aliases(facts.case)).lower()
    words = {word for line in bad for word in _words(line)} - _COMMON
    words = {word for word in words if word not in own}
    near = [line for line in facts.changes if line.at and line.at >= _since(facts) - _BEFORE]
    named = [line for line in near if words & _words(line)]
    return named[-1] if named else None


def _words(line: LogLine) -> set[str]:
    """Its words, also those of names that are written as one (StripeAPIError)."""
    return set(_WORD.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", line.message).lower()))

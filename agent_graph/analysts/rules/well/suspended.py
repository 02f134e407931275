"""Work by a timetable that somebody stopped on purpose, and said until when: that it did not run is what was wanted."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.torn_down import torn_down
from backend.investigation.kinds import Category

_STOPPED = re.compile(r"suspend|paus|on_?hold|\bheld\b|disabled", re.IGNORECASE)
# Somebody who says for how long has not forgotten it.
_FOR_HOW_LONG = re.compile(r"\b(?:until|till|through|not before|for the (?:time|duration)|during)\b", re.IGNORECASE)
_ENDED = re.compile(r"resum|un-?suspend|un-?paus|re-?enabl", re.IGNORECASE)
_SAID_WITHIN = timedelta(days=14)


def suspended(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Stopped for a time, or at the end of its trial."""
    return _for_a_time(facts, likely) or torn_down(facts, likely)


def _for_a_time(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """It is stopped now, and who stopped it said for how long; nothing else is wrong."""
    signs = [s for s in facts.signs_of("config_error") if s.source == "kubernetes" and "suspended" in s.quote]
    if not signs or likely or trouble_signals(facts) or complains(facts):
        return None
    about = [c for c in facts.changes if c.at and signs[0].subject.lower() in c.text.lower()]
    about = [c for c in about if _STOPPED.search(c.text) or _ENDED.search(c.text)]
    last = max(about, key=_at, default=None)
    if last is None or last.at is None or not _on_purpose(last) or facts.case.now - last.at > _SAID_WITHIN:
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} does not run on purpose: {said(last, 240)}.",
        supporting=[signs[0].cite("it is suspended"), last.cite("who stopped it, and for how long")],
        strength="strong",
        disproof="Look again when the time that was given is over: still suspended then, it was forgotten.",
    )


def _on_purpose(change: LogLine) -> bool:
    stopped = _STOPPED.search(change.text) and not _ENDED.search(change.text)
    return bool(stopped) and _FOR_HOW_LONG.search(change.text) is not None


def _at(change: LogLine) -> float:
    return change.at.timestamp() if change.at else 0.0

"""Two measurements of one thing that contradict each other: the more direct one decides.

A replica's age by the clock is the age of the last change: where nothing is written it grows, and nobody is behind. How
much of the log is outstanding says so directly.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts, Sign

# By the clock, as exporters and our own lines about replicas say it.
_BY_CLOCK = re.compile(r": [\d.]+ (?:seconds|days) →|, lag \d+ s\b|seconds_behind")
# What has been sent and not yet been replayed, in bytes of the log.
_OUTSTANDING = re.compile(r"\bbehind \d+ MiB|(?:lsn_diff|lag_bytes|lag_size)\w*\{")
_WHO = re.compile(r"(?:application_name|slot_name|replica|standby)=\"([^\"]+)\"|^replication ([^:]+):")
# Who did not get a name of its own is the one replica that is meant.
_NAMELESS = re.compile(r"wal-?receiver|replica|standby|(?<!\d)\d{1,3}(?:[.-]\d{1,3}){3}(?:/\d{1,2})?", re.IGNORECASE)


def settled(facts: Facts) -> Facts:
    """Without the lag by the clock of replicas that have all there is."""
    late = [s for s in facts.signs_of("replication_lag") if s.weight != "weak"]
    by_clock = [s for s in late if _BY_CLOCK.search(s.quote)]
    whole = [s for s in facts.signs_of("healthy") if _OUTSTANDING.search(s.quote)]
    if not by_clock or len(by_clock) < len(late):
        return facts
    refuted = {s.quote for s in by_clock if any(_same(s, other) for other in whole)}
    if len(refuted) < len({s.quote for s in by_clock}):
        return facts
    return replace(facts, signs=[*(s for s in facts.signs if s.quote not in refuted), *_idle(by_clock)])


def _idle(by_clock: Sequence[Sign]) -> list[Sign]:
    means = "the age of the last change on a primary that writes nothing: nothing is outstanding"
    return [replace(s, category="healthy", weight="strong", means=means) for s in by_clock[:1]]


def _same(by_clock: Sign, whole: Sign) -> bool:
    """Do both speak of one replica? Of two with names of their own only that of the same name."""
    named = _WHO.search(whole.quote)
    who = _plain((named[1] or named[2]) if named else whole.subject)
    return not who or bool(_NAMELESS.fullmatch(who)) or who in _plain(by_clock.quote)


def _plain(text: str) -> str:
    return text.lower().replace("_", "-")

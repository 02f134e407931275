"""Did a run end because it had lived for as long as its own command sets it to? Workers are renewed like that."""

import re
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from agent_graph.sources.kubernetes.objects import Object, list_of, number_of, words_of
from agent_graph.sources.signs import when
from backend.redaction.clean import one_line

# How workers call how long they may live, as arguments and as variables; without a unit these are seconds.
_SET = re.compile(
    r"(?:^|[\s_-])(?:max[-_]?(?:time|life|lifetime|run|runtime|uptime|age|duration)|time[-_]?limit|life[-_]?time|ttl"
    r"|run[-_]?for|exit[-_]?after|restart[-_]?after)(?:[-_]?(?:s|sec|secs|seconds))?[= ](\d{1,6})(ms|s|m|min|h|d)?$",
    re.IGNORECASE,
)
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
# It comes to the end of what it is at, and moments are told in whole seconds; what is shorter is no life.
_EARLY, _LATE, _LEAST = timedelta(seconds=2), timedelta(seconds=60), timedelta(seconds=60)


@dataclass(frozen=True)
class Life:
    """How long it is to live, and the words that set it."""

    lasts: timedelta
    told: str


def lived_as_set(spec: Object, end: Object) -> Life | None:
    """How long it was set to live, where it ended well by itself after just that time."""
    began, ended = when(end.get("startedAt")), when(end.get("finishedAt"))
    if began is None or ended is None or number_of(end.get("exitCode")) or end.get("reason") != "Completed":
        return None
    lived = ended - began
    fits = (one for one in _lives(spec) if one.lasts >= _LEAST and one.lasts - _EARLY <= lived <= one.lasts + _LATE)
    return next(fits, None)


def _lives(spec: Object) -> list[Life]:
    told = [*words_of(spec, "command"), *words_of(spec, "args")]
    # A flag and its value may be two words; a shell is told all in one.
    told = [*(part for word in told for part in _parts(word.split())), *_parts(told)]
    told += [f"{one.get('name')}={one.get('value')}" for one in list_of(spec, "env") if one.get("value")]
    found = [(word, match) for word in told if (match := _SET.search(word))]
    return [
        Life(timedelta(seconds=int(match[1]) * _SECONDS[(match[2] or "s").lower()]), one_line(word, 80))
        for word, match in found
    ]


def _parts(words: list[str]) -> list[str]:
    """Each word, and each with the one after it."""
    return [*words, *(f"{one} {after}" for one, after in pairwise(words))]

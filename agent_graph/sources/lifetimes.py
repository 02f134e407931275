"""How long was a process set to live by its own command line? Workers end then, and are started anew."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

# How workers call how long they may live, as arguments and as variables; without a unit these are seconds.
_SET = re.compile(
    r"(?:^|\s)(?:(?P<whose>[\w.-]{0,80}?)[._-]|)"
    r"(?:max[-_]?(?:time|life|lifetime|run|runtime|uptime|duration)|time[-_]?limit|life[-_]?time"
    r"|run[-_]?for|exit[-_]?after|restart[-_]?after)(?:[-_]?(?:s|sec|secs|seconds))?"
    r"[= ](?P<lasts>\d{1,6})(?P<unit>s|m|min|h|d)?$",
    re.IGNORECASE,
)
# What a process keeps may be set to live for a time, too: that is not its own life.
_KEPT = re.compile(
    r"cache|session|token|jwt|dns|cookie|cert|conn|pool|lease|lock|key|password|request|query|statement|transaction"
    r"|task|message|item|object|entry|file|log|db|sql|http|grpc|idle",
    re.IGNORECASE,
)
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
# It comes to the end of what it is at, and moments are told in whole seconds; what is shorter is no life.
_EARLY, _LATE, _LEAST = timedelta(seconds=2), timedelta(seconds=60), timedelta(seconds=60)
# Of a short life a minute is no small part: many a loop is as long.
_LATE_SHARE = 0.1


@dataclass(frozen=True)
class Life:
    """How long it is to live, and the words that set it."""

    lasts: timedelta
    told: str

    def fits(self, lived: timedelta) -> bool:
        """Did it live for just that time?"""
        late = min(_LATE, self.lasts * _LATE_SHARE)
        return self.lasts >= _LEAST and self.lasts - _EARLY <= lived <= self.lasts + late


def lives_in(words: Sequence[str]) -> list[Life]:
    """Those that a command line and variables (NAME=value) set."""
    # A flag and its value may be two words; a shell is told all in one.
    told = [*(part for word in words for part in _parts(word.split())), *_parts(words)]
    # Nothing else of it is told: another word may hold a secret.
    found = {match[0].strip(" -_"): match for word in told if (match := _SET.search(word))}
    return [
        Life(timedelta(seconds=int(match["lasts"]) * _SECONDS[(match["unit"] or "s").lower()]), words)
        for words, match in found.items()
        if not _KEPT.search(match["whose"] or "")
    ]


def _parts(words: Sequence[str]) -> list[str]:
    """Each word, and each with the one after it."""
    return [*words, *(f"{one} {after}" for one, after in pairwise(words))]

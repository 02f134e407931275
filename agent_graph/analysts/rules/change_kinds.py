"""Which kind of change was registered, by the word that it begins with."""

import re

_RELEASE = re.compile(r"(?:deploy\w*|releases?|rollouts?)\b", re.IGNORECASE)
_SETTING = re.compile(r"(?:config\w*|settings?)\b", re.IGNORECASE)


def is_release(told: str) -> bool:
    """`told`: the change without its time, as in "deploy shop/web: 3 -> 4"."""
    return _RELEASE.match(told) is not None


def is_setting(told: str) -> bool:
    return _SETTING.match(told) is not None

"""Whom calls that fail were made to, where only a field beside the message says so."""

import re
from collections import Counter
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import LogLine

_URL = re.compile(
    r"\b(?:https?|grpcs?|amqps?|wss?|ldaps?)://(?:[^\s/@\"']{0,200}@)?([A-Za-z0-9][\w.-]{1,200}(?::\d{2,5})?)"
)
_LEAST, _MOSTLY = 2, 0.8


def towards(lines: Sequence[LogLine]) -> str:
    """For a sentence: the one host that nearly all of them name in a URL; nothing where the first says so itself."""
    hosts = Counter(found[1] for line in lines if (found := _URL.search(line.text)))
    host, count = hosts.most_common(1)[0] if hosts else ("", 0)
    if count < max(_LEAST, _MOSTLY * len(lines)) or host in lines[0].message:
        return ""
    return f" (calls to {host})"

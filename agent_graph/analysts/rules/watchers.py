"""What a program that only watches says of what it watches: the answer it got, and nothing of what lies behind it."""

import re
from urllib.parse import urlsplit

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.sources.signs import aliases, belongs

# Their names, as streams are called, and how some of them begin what they say.
_WATCHES = re.compile(
    r"kuma|gatus|blackbox|statping|upptime|smokeping|checkly|nagios|icinga|zabbix|pingdom|\bmonit(?:or(?:ing)?)?\b"
    r"|synthetic|\bprobers?\b|healthchecks",
    re.IGNORECASE,
)
_SAYS = re.compile(r"\[MONITOR\]|\bMonitor #\d|\[watchdog\.|\bmodule=http\w* target=", re.IGNORECASE)


def only_watched(line: LogLine, facts: Facts) -> bool:
    """Is it a watcher's word on the target? Whom the target needs it cannot know. A target may be one itself."""
    known = aliases(facts.case)
    if belongs(line.speaker, known) or not (_WATCHES.search(line.speaker) or _SAYS.search(line.message)):
        return False
    watched = facts.case.monitor
    address = urlsplit(watched.address).hostname if watched is not None else None
    named = [*known, *([watched.name] if watched is not None else []), *([address] if address else [])]
    return any(one.lower() in line.message.lower() for one in named)

"""How severe a line of PostgreSQL's log is, in the levels of our own.

PostgreSQL ranks its LOG above ERROR, so log_min_messages cannot leave it out: what the server says about its own coming
and going is shown here as `info`.
"""

import re

from backend.logs import Level

LEVELS: dict[str, Level] = {
    "LOG": "info",
    "INFO": "info",
    "NOTICE": "info",
    "WARNING": "warning",
    "ERROR": "error",
    "FATAL": "error",
    "PANIC": "error",
}
# log_line_prefix is USER@DATABASE for sessions and nothing for the server's own processes.
_HEAD = re.compile(r"(?:\S+@\S* )?(DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC):  ")


def level_of(line: str) -> Level | None:
    """The level of a message. None: the line goes on with the message before (DETAIL, HINT, STATEMENT)."""
    found = _HEAD.match(line)
    return LEVELS.get(found[1], "debug") if found else None

"""A message that is larger than one side lets through: sender and receiver are configured for different sizes.

No retry helps, and nothing is down. One visitor's large upload is another matter: that is what the limit is for.
"""

import re
from datetime import datetime

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.noise import kind_of

# With whom programs exchange messages: RPC, brokers, databases; sizes mostly follow.
_LARGER = re.compile(
    r"(?:message|record|packet|frame|payload|batch|event)\b.{0,60}\b(?:larger|bigger|greater|longer) than\b"
    r".{0,60}(?:max|limit|allowed|\d{5,})|(?:message|record|packet|payload|frame)\b.{0,20}(?:is )?too (?:large|big)\b"
    r"|(?:message|record|payload|frame|packet) size .{0,60}exceed|max_allowed_packet|MessageSizeTooLarge|RecordTooLarge"
    r"|maximum payload violation|\blarger than max \(\d+ vs",
    re.IGNORECASE,
)
# Once is one odd message; it fails again and again where what is sent has outgrown the limit.
_OFTEN = 3


def too_large(facts: Facts) -> list[LogLine]:
    """Complaints of it that the target makes again and again."""
    found: dict[str, list[LogLine]] = {}
    for line in facts.matching(_LARGER):
        if not line.speaker and line.level != "warning":
            found.setdefault(kind_of(line), []).append(line)
    often = [lines for lines in found.values() if max(len(lines), lines[0].count) >= _OFTEN]
    return sorted((lines[0] for lines in often), key=_at)


def _at(line: LogLine) -> tuple[bool, datetime | None]:
    return line.at is None, line.at

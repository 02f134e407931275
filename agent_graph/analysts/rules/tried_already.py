"""Does a supervisor start it again already, and does it end each time? One start more is what was done before."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.sources.signs import aliases

# Who keeps processes running outside the engine notes each end: systemd, supervisord, pm2, runit.
_ENDED = re.compile(
    r"(?:^|[\s\]])(?P<unit>[\w@.-]{1,100}?)(?:\.service)?: (?:Main process exited|Scheduled restart job)"
    r"|\bexited: (?P<program>[\w.-]{1,100}) \(.{1,60}; not expected\)"
    r"|\bApp \[(?P<app>[\w.-]{1,100})(?::\d+)?\] exited with code \[[1-9]"
    r"|\bgave up: (?P<given>[\w.-]{1,100}) entered FATAL state"
)
_SEVERAL = 3


def tried_already(facts: Facts) -> bool:
    """Three ends or more that whoever starts it again noted of the target."""
    names = {name.lower() for name in aliases(facts.case)}
    names |= {facts.target.name.lower()} if facts.target is not None else set()
    ends: dict[str, int] = {}
    for line in [*facts.lines, *facts.around, *facts.usual]:
        found = _ENDED.search(line.text)
        whose = next((one for one in found.groups() if one), "") if found is not None else ""
        # Of a kind that was said often some lines stand for all of them, and each says how many they are.
        if found is not None and whose.lower() in names:
            kind = found[0].replace(whose, "").strip()
            ends[kind] = max(ends.get(kind, 0) + 1, line.count)
    return max(ends.values(), default=0) >= _SEVERAL

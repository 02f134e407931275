"""Who reaches neither its resolver nor those whose addresses it knows is cut off: names are the least of it."""

import re
from datetime import timedelta
from itertools import pairwise

from agent_graph.analysts.rules.facts import Facts, LogLine

# Packets that do not come back, of a resolver and of others. A refusal did come back.
_UNHEARD = re.compile(r"time[d]? ?-?out|no route to host|unreachable|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT", re.IGNORECASE)
_RESOLVER = re.compile(r":53\b|\blookup [\w.-]+|name resolution|\bDNS\b|EAI_AGAIN", re.IGNORECASE)
# A resolver that says so was reached.
_ANSWERED = re.compile(r"no such host|NXDOMAIN|SERVFAIL|not known|ENOTFOUND|server misbehaving", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<![\d.>-])(\d{1,3}(?:\.\d{1,3}){3}):(\d{2,5})(?!\d|->)")
_OTHERS, _TOGETHER = 2, timedelta(minutes=5)


def cut_off(facts: Facts) -> list[LogLine]:
    """The first of what it says about addresses, where its resolver does not answer either; nothing elsewhere."""
    unheard = [line for line in facts.matching(_UNHEARD) if line.at is not None]
    names = [line for line in unheard if _RESOLVER.search(line.message)]
    others = [line for line in unheard if line not in names and _ADDRESS.search(line.message)]
    whom = {found for line in others for found in _ADDRESS.findall(line.message)}
    if not names or len({address for address, _ in whom}) < _OTHERS or facts.matching(_ANSWERED):
        return []
    began = sorted([min(line.at for line in said if line.at) for said in (names, others)])
    return others if all(later - one <= _TOGETHER for one, later in pairwise(began)) else []

"""What a firewall says that it drops: packets of our own that it let through before the trouble began."""

import re
from collections import Counter
from datetime import timedelta
from ipaddress import ip_address, ip_network

from agent_graph.analysts.rules.facts import Facts, LogLine

# As netfilter logs a packet, after the prefix that whoever wrote the rule gave it.
_PACKET = re.compile(r"\bIN=\S* OUT=\S* .*?\bSRC=(\S+) DST=(\S+) .*?\bPROTO=(\w+)(?:.*?\bDPT=(\d+))?")
_DROPPED = re.compile(r"drop|block|reject|den(?:y|ied)|\bdeny", re.IGNORECASE)
# Protocols that the kernel calls by their number.
_PROTOCOLS = {"2": "IGMP", "4": "IP-in-IP", "47": "GRE", "50": "ESP", "51": "AH", "89": "OSPF", "112": "VRRP"}
_OURS = [ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10")]
# Whoever tries more doors than these looks for open ones.
_FEW = 5
_BEFORE, _HEARD = timedelta(minutes=15), timedelta(minutes=5)


def blocked(facts: Facts) -> list[LogLine]:
    """The first line of each way that is closed since about then: the internet knocks at all times, and in vain."""
    since, heard = facts.case.started_at - _BEFORE, facts.heard_since
    ways: dict[tuple[str, ...], LogLine] = {}
    for line in [*facts.usual, *facts.lines, *facts.around]:
        way = _way(line)
        if way and line.at and (way not in ways or line.at < (ways[way].at or line.at)):
            ways[way] = line
    tried = Counter(way[0] for way in ways)
    asked = [line for way, line in ways.items() if tried[way[0]] <= _FEW]
    new = [line for line in asked if line.at and line.at >= since and heard and line.at - heard >= _HEARD]
    return sorted(new, key=lambda line: line.at or since)


def in_words(lines: list[LogLine]) -> str:
    """For a sentence."""
    way = _way(lines[0]) if lines else ()
    if not way:
        return ""
    source, target, protocol, port = way
    what = f"{_PROTOCOLS.get(protocol, protocol)}{f', port {port}' if port else ''}"
    return f"; a firewall drops what {source} sends to {target} ({what})"


def _way(line: LogLine) -> tuple[str, ...]:
    """From where to where; none for packets from outside."""
    found = _PACKET.search(line.text)
    if found is None or not _DROPPED.search(line.text[: found.start()]):
        return ()
    try:
        sender = ip_address(found[1])
    except ValueError:
        return ()
    own = any(sender in network for network in _OURS)
    return (found[1], found[2], found[3], found[4] or "") if own else ()

"""What a firewall says that it drops: packets of our own that it let through before the trouble began."""

import re
from collections import Counter
from datetime import timedelta
from ipaddress import ip_address, ip_network

from agent_graph.analysts.rules.facts import Facts, LogLine

# As netfilter logs a packet, after the prefix that whoever wrote the rule gave it.
_PACKET = re.compile(r"\bIN=\S* OUT=\S* .*?\bSRC=(\S+) DST=(\S+) .*?\bPROTO=(\w+)(?:.*?\bDPT=(\d+))?")
# As switches and routers do: denied tcp 10.1.0.4(51120) -> 10.2.0.9(5432), Deny udp src in:10.1.0.4/53 dst
# out:10.2.0.9/53.
_REFUSED = re.compile(
    r"\b(?:den(?:y|ied)|drop(?:ped)?|block(?:ed)?|reject(?:ed)?)\b[ :](?:.{0,20} )?(tcp|udp|icmp|sctp) (?:src )?"
    r"(?:[\w-]{1,40}:)?(\d{1,3}(?:\.\d{1,3}){3})(?:[(/:]\d{1,5}\)?)?\s?(?:->|dst|to)\s?(?:[\w-]{1,40}:)?"
    r"(\d{1,3}(?:\.\d{1,3}){3})(?:[(/:](\d{1,5})\)?)?",
    re.IGNORECASE,
)
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


def ends_of(line: LogLine) -> tuple[str, str]:
    """Who sent what it says is dropped, and to whom; empty where it says nothing like it."""
    way = _way(line)
    return (way[0], way[1]) if way else ("", "")


def _way(line: LogLine) -> tuple[str, ...]:
    """From where to where; none for packets from outside."""
    way = _parts(line.text)
    try:
        sender = ip_address(way[0]) if way else None
    except ValueError:
        return ()
    own = sender is not None and any(sender in network for network in _OURS)
    return way if own else ()


def _parts(text: str) -> tuple[str, ...]:
    found = _PACKET.search(text)
    if found is not None and _DROPPED.search(text[: found.start()]):
        # A port beside ICMP is one of the packet that it tells of.
        return (found[1], found[2], found[3], "" if found[3] == "ICMP" else found[4] or "")
    told = _REFUSED.search(text)
    return (told[2], told[3], told[1].upper(), told[4] or "") if told is not None else ()

"""What was made or changed on the way between two ends just before it went wrong: policies, meshes, firewalls."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.sources.kubernetes.meshes import OUTSIDE
from backend.redaction.clean import one_line

# Changes of what lies between two ends, in the words of whoever made them.
_WAY = re.compile(
    r"firewall|security.?groups?|\bsg-\w+|network.?polic|ip(?:6)?tables|nftables|\bacls?\b|peerauth|m?tls\b|mesh|istio"
    r"|linkerd|cilium|calico|\brout(?:e|es|ing)\b|\bvpn\b|tunnel|peering|\bnat\b|egress|\bcni\b|\bmtu\b|\bvlan"
    r"|default.?deny|deny.?all|security.?baseline|baseline.?polic|zero.?trust|micro.?segment",
    re.IGNORECASE,
)
# Whoever speaks wrongly is hung up on; who may not get there at all waits in vain.
_CUT = re.compile(r"reset|\bEOF\b|broken pipe|EPIPE|hang up|closed|aborted|prematurely", re.IGNORECASE)
# How long before connections fail, and how little after the first that did, a change may be what broke them.
_JUST_BEFORE, _SLACK = timedelta(minutes=10), timedelta(minutes=2)


def closed_ways(facts: Facts, onset: datetime | None) -> list[Sign]:
    """Policies on the way that were made or changed just before, those that shut it first."""
    return [s for s in facts.signs_of("network_error") if s.source == "kubernetes" and _just_before(s.at, onset)][:3]


def changed_ways(facts: Facts, onset: datetime | None) -> list[LogLine]:
    """What somebody registered as a change of the way, whatever it was made to."""
    return [line for line in facts.changes if _WAY.search(line.text) and _just_before(line.at, onset)][-2:]


def just_before(closed: list[Sign], changed: list[LogLine]) -> str:
    """For a sentence, what shut the way: as it was registered, or as the cluster has it."""
    said = [line.cite().quote for line in changed[-1:]] or [s.means for s in closed[:1] if s.weight != "weak"]
    return f"; just before: {one_line(said[0], 200)}" if said else ""


def outside(facts: Facts, lines: Sequence[LogLine]) -> str:
    """For a sentence, where connections are cut off: that it does not speak as those it speaks to insist on."""
    if not any(_CUT.search(line.text) for line in lines):
        return ""
    found = next((s.means for s in facts.signs_of("network_error") if OUTSIDE in s.means), "")
    return f"; {one_line(found, 300)}" if found else ""


def _just_before(at: datetime | None, onset: datetime | None) -> bool:
    return at is not None and onset is not None and onset - _JUST_BEFORE <= at <= onset + _SLACK

"""Reads what the scheduler says: why a pod fits on no node."""

import re

_I = re.IGNORECASE
# Its phrases, and what they say to a person.
_WHY: tuple[tuple[str, str], ...] = (
    (r"insufficient ([\w./-]+)", "not enough {0} is free"),
    (r"exceed(?:s|ed)? .{0,40}(?:quota|limit)", "a limit is exceeded"),
    (r"too many pods", "the nodes carry as many pods as they may"),
    (r"(?:had|have|with) (?:untolerated )?taints? \{?([^}:,]+(?:: ?[^},]*)?)\}?", "it does not tolerate the taint {0}"),
    (r"node\(s\) had taints that the pod didn't tolerate", "it does not tolerate the nodes' taints"),
    (
        r"didn't match pod anti-?affinity|anti-?affinity rules",
        "its anti-affinity keeps it away from where its like run",
    ),
    (
        r"didn't match (?:Pod's )?node affinity/selector|didn't match node selector|node affinity",
        "no node has the labels that its node selector or affinity asks for",
    ),
    (r"didn't match pod affinity", "what its affinity wants to be near is nowhere"),
    (r"didn't match pod topology spread", "its topology spread allows no node"),
    (r"volume node affinity conflict", "its volume is bound to another node or zone"),
    (r"persistentvolumeclaim \"?([\w./-]+)\"? not found", "its claim {0} does not exist"),
    (r"unbound immediate PersistentVolumeClaims", "its volume claim is not bound"),
    (r"didn't have free ports", "the host port it wants is taken on every node"),
    (r"exceed max volume count", "the nodes carry as many volumes as they may"),
    (r"were unschedulable|node\(s\) unschedulable", "nodes are cordoned"),
    (r"no nodes available|no node(?:s)? match", "there is no node at all"),
)


def why(message: str) -> list[str]:
    """Every reason it names, in words."""
    found: list[str] = []
    for words, means in _WHY:
        for match in re.finditer(words, message, _I):
            said = means.format(*(part.strip() for part in match.groups("")))
            if said not in found:
                found.append(said)
    return found[:4]


def by_lost_nodes(message: str) -> bool:
    """Are taints of nodes in trouble what keeps it away, and nothing that it asks for?"""
    taints = re.findall(r"node\.kubernetes\.io/([\w-]+)", message)
    sick = {"not-ready", "unreachable", "disk-pressure", "memory-pressure", "pid-pressure", "network-unavailable"}
    others = re.search(r"insufficient|affinity|PersistentVolumeClaim|too many pods|free ports", message, _I)
    return bool(taints) and set(taints) <= sick and not others

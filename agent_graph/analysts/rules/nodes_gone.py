"""A dependency that is down with the machine under it: the machine is the cause, the dependency its first victim."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, onset

_RUNS_ON = re.compile(r"^pod (\S+): phase \w+ on ([\w.-]+)")
_NODE = re.compile(r"^node ([\w.-]+): Ready=(?:Unknown|False)")


def blamed_on_nodes(findings: Sequence[Finding], facts: Facts) -> list[Finding]:
    """The findings, with the machine before the dependency where the one that is down runs on one that is lost."""
    needed = next((found for found in findings if found.category == "dependency_failure"), None)
    lost = _lost(needed, facts) if needed is not None else None
    if needed is None or lost is None:
        return list(findings)
    pod, node = lost
    found = Finding(
        category="node_failure",
        statement=f"{node.means}; {pod.subject} runs there, which {name(facts)} needs. {needed.statement}",
        supporting=[node.cite("the machine is lost"), pod.cite("it runs there"), *needed.supporting[:4]],
        strength="proof",
        onset=onset(node.at, needed.onset),
        disproof="Look at other workloads of the same node: all well would rule it out.",
        explains=frozenset({"dependency_failure"}),
        rooted=True,
    )
    return [found, *(one for one in findings if one.category != "node_failure")]


def _lost(needed: Finding, facts: Facts) -> tuple[Sign, Sign] | None:
    """The pod that is cited as down and runs on a machine that the cluster has lost, with that machine."""
    nodes = {found[1]: s for s in facts.signs_of("other_down") if (found := _NODE.match(s.quote))}
    pods = [s for s in facts.signs_of("other_down") if s.cite().quote in needed.quotes]
    on = ((s, nodes.get(found[2])) for s in pods if (found := _RUNS_ON.match(s.quote)))
    return next(((pod, node) for pod, node in on if node is not None), None)

"""Machines that left: what was measured of a node on which nothing of the target runs any more is not its trouble."""

import re
from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts

_NODE = re.compile(r"[{,] ?(?:node|kubernetes_node|nodename)=\"([^\"]+)\"")


def without_left(facts: Facts) -> Facts:
    """Without the measurements of such nodes, where all that the target wants to run does so on others."""
    here = {name.removeprefix("node/") for name in facts.scope if name.startswith("node/")}
    whole = [s for s in facts.signs_of("healthy", "strong") if s.means.startswith("all replicas of")]
    broken = [s for s in facts.signs_of("trouble", "strong") if s.source == "kubernetes"]
    if not here or not whole or broken:
        return facts
    signs = [s for s in facts.signs if s.source != "prometheus" or not _elsewhere(s.quote, here)]
    return replace(facts, signs=signs, metrics=[m for m in facts.metrics if not _elsewhere(m.line, here)])


def _elsewhere(line: str, here: set[str]) -> bool:
    found = _NODE.search(line)
    return found is not None and found[1] not in here

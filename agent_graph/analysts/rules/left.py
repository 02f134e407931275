"""What was measured of who has left: a node on which nothing of the target runs any more, a run that is done."""

import re
from dataclasses import replace

from agent_graph.analysts.rules.facts import QUOTE_LIMIT, Facts

_POD, _ANSWERS = re.compile(r"[{,] ?(?:pod|kubernetes_pod_name)=\"([^\"]+)\""), ("up", "probe")
_NODE = re.compile(r"[{,] ?(?:node|kubernetes_node|nodename)=\"([^\"]+)\"")


def without_left(facts: Facts) -> Facts:
    """Without the measurements of such nodes and runs."""
    return _without_done(_without_nodes(facts))


def _without_done(facts: Facts) -> Facts:
    """Nobody answers a scrape who has finished its work."""
    done = {s.subject for s in facts.signs_of("healthy", "strong") if s.means.endswith("has finished its work")}
    silent = {m.line for m in facts.metrics if m.role in _ANSWERS and m.last == 0 and _pod(m.line) in done}
    if not silent:
        return facts
    quotes = {line[:QUOTE_LIMIT] for line in silent}
    signs = [s for s in facts.signs if s.source != "prometheus" or s.quote not in quotes]
    return replace(facts, signs=signs, metrics=[m for m in facts.metrics if m.line not in silent])


def _pod(line: str) -> str:
    found = _POD.search(line)
    return found[1] if found else ""


def _without_nodes(facts: Facts) -> Facts:
    """All that the target wants to run does so on others."""
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

"""One look at what runs has no before: how long answers take, measured over time, says what the look is worth."""

from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts, Sign
from agent_graph.sources.metric_evidence import UNCHANGED


def with_hindsight(facts: Facts) -> Facts:
    """Statements that are merely asked most weigh little where the time they take did not change, and much where it
    grew: sessions pile up at what became slow."""
    latencies = {metric.line for metric in facts.metrics if metric.role == "latency"}
    steady = [s for s in facts.signs_of("healthy", "strong") if s.quote in latencies and s.means.endswith(UNCHANGED)]
    slower = [s for s in facts.signs_of("trouble", "strong") if s.quote in latencies]
    if latencies and len(steady) >= len(latencies):
        return replace(facts, signs=[replace(s, weight="weak") if _is_a_look(s) else s for s in facts.signs])
    if slower:
        piled = [replace(s, weight="strong", at=slower[0].at) if _is_a_pile(s) else s for s in facts.signs]
        return replace(facts, signs=piled)
    return facts


def _is_a_look(sign: Sign) -> bool:
    """Of no session or table by name, and of no time: only how many were at it when somebody looked."""
    nameless = not sign.subject and sign.at is None
    return sign.source == "postgres" and sign.category == "slow_query" and nameless


def _is_a_pile(sign: Sign) -> bool:
    return _is_a_look(sign) and "run the same statement" in sign.quote

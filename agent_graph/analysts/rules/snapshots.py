"""One look at what runs has no before: where answers take as long as ever, that many ask the same is no trouble."""

from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts, Sign
from agent_graph.sources.metric_evidence import UNCHANGED


def with_hindsight(facts: Facts) -> Facts:
    """Statements that are merely asked most weigh little where the time they take was measured, and did not change."""
    latencies = {metric.line for metric in facts.metrics if metric.role == "latency"}
    steady = [s for s in facts.signs_of("healthy", "strong") if s.quote in latencies and s.means.endswith(UNCHANGED)]
    if not steady or len(steady) < len(latencies):
        return facts
    return replace(facts, signs=[replace(s, weight="weak") if _is_a_look(s) else s for s in facts.signs])


def _is_a_look(sign: Sign) -> bool:
    """Of no session or table by name, and of no time: only how many were at it when somebody looked."""
    nameless = not sign.subject and sign.at is None
    return sign.source == "postgres" and sign.category == "slow_query" and sign.weight == "strong" and nameless

"""One look at what runs has no before: how long answers take, measured over time, says what the look is worth."""

from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts, Sign
from agent_graph.sources.measures import UNCONSUMED
from agent_graph.sources.metric_evidence import UNCHANGED

_ENDS = ("app_crash", "restart_loop", "oom", "image_pull_error", "config_error", "scheduling_failure", "probe_failure")


def with_hindsight(facts: Facts) -> Facts:
    """Statements that are merely asked most weigh little where the time they take did not change, and much where it
    grew: sessions pile up at what became slow."""
    facts = _by_its_own_end(facts)
    latencies = {metric.line for metric in facts.metrics if metric.role == "latency"}
    steady = [s for s in facts.signs_of("healthy", "strong") if s.quote in latencies and s.means.endswith(UNCHANGED)]
    slower = [s for s in facts.signs_of("trouble", "strong") if s.quote in latencies]
    if latencies and len(steady) >= len(latencies):
        return replace(facts, signs=[replace(s, weight="weak") if _is_a_look(s) else s for s in facts.signs])
    if slower:
        piled = [replace(s, weight="strong", at=slower[0].at) if _is_a_pile(s) else s for s in facts.signs]
        return replace(facts, signs=piled)
    return facts


def _by_its_own_end(facts: Facts) -> Facts:
    """That nobody takes from a queue is no news of a consumer that is seen to be down itself."""
    ends = [s for category in _ENDS for s in facts.signs_of(category, "proof", "strong")]
    down = facts.target is not None and (not facts.target.running or facts.target.looping)
    if not ends and not down:
        return facts
    return replace(facts, signs=[replace(s, weight="weak") if UNCONSUMED in s.means else s for s in facts.signs])


def _is_a_look(sign: Sign) -> bool:
    """Of no session or table by name, and of no time: only how many were at it when somebody looked."""
    nameless = not sign.subject and sign.at is None
    return sign.source == "postgres" and sign.category == "slow_query" and nameless


def _is_a_pile(sign: Sign) -> bool:
    return _is_a_look(sign) and "run the same statement" in sign.quote

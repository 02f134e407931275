"""A pod that was made to fail, for a test that looks whether it does: its failure is what was wanted."""

from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from backend.investigation.kinds import Category

# What such tests make fail: the process, its settings, its image, its memory.
LOOKS_LIKE: frozenset[Category] = frozenset(
    {"app_crash", "restart_loop", "config_error", "image_pull_error", "probe_failure", "oom", "bad_deploy"}
)


def negative_test(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All alerts are of pods that are in the state which is noted on them, and nothing else is wrong."""
    expected, alerts = facts.platform.get("expected"), facts.case.alerts
    if not expected or not alerts or set(likely) - LOOKS_LIKE:
        return None
    names = tuple(one["name"] for one in expected)
    of_it = all(any(one in alert.labels.values() for one in names) for alert in alerts)
    others = [s for s in facts.signs if s.category not in ("healthy", "trouble_over") and s.weight != "weak"]
    told = [s.cite("it is made to") for s in facts.signs_of("healthy", "strong") if s.quote == expected[0]["line"]]
    if not of_it or others or trouble_signals(facts) or not told:
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} fails as it is expected to, for a test: {expected[0]['line']}.",
        supporting=told,
        strength="strong",
        disproof="Ask whoever runs the test; it being there long after the test is what would be wrong.",
    )

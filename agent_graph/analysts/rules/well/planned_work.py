"""Away or busy on purpose: it was announced, or somebody works on it, and its own words agree."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from backend.investigation.kinds import Category

# What a service that was put away on purpose looks like from outside.
OF_ABSENCE: frozenset[Category] = frozenset(
    {"app_crash", "network_error", "probe_failure", "node_failure", "dependency_failure", "restart_loop", "bad_deploy"}
)
_AWAY = re.compile(
    r"maintenance|decommission|powering down|power(?:ed)?[ -]?off|shutting down|planned|switchover|failover",
    re.IGNORECASE,
)
# How long work on something may last until an alert notices, and words that plans of all kinds contain.
_WORK = timedelta(hours=2)
_NO_TOPICS = {"maintenance", "announced", "expected", "meanwhile", "server", "cluster", "service", "before", "scaled"}


def announced(facts: Facts, causes: Sequence[Category]) -> Finding | None:
    """It is away as somebody said it would be: its own words agree, and nothing else explains it."""
    signs = facts.signs_of("planned", "proof", "strong")
    if not signs or set(causes) - OF_ABSENCE:
        return None
    own = [*facts.lines, *facts.around]
    words = next((line.cite("its own words agree") for line in own if _AWAY.search(line.text)), None)
    if words is None and signs[0].weight != "proof":
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is away as announced: {signs[0].means}.",
        supporting=[signs[0].cite("it was announced"), *([words] if words else [])],
        strength="strong",
        disproof="Ask who announced it; being away past the end of it would be an incident.",
    )


def worked_on(facts: Facts, causes: Sequence[Category]) -> Finding | None:
    """Somebody works on it, or it was made smaller: its own words tell of that, and nobody suffers from it."""
    signs, good = facts.signs_of("planned", "weak"), facts.signs_of("healthy")
    signs = [s for s in signs if s.at is not None and s.at >= facts.case.started_at - _WORK]
    if not signs or not good or causes or trouble_signals(facts) or complains(facts):
        return None
    named = f"{signs[0].subject} {facts.case.target.name}".lower()
    topics = {word for word in re.findall(r"[a-z]{6,}", signs[0].means.lower()) if word not in named} - _NO_TOPICS
    own = [line for line in [*facts.lines, *facts.around] if line.at is None or line.at >= (signs[0].at or line.at)]
    agree = [line for line in own if _AWAY.search(line.text) or any(word in line.text.lower() for word in topics)]
    if not agree:
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} does what was planned for it: {signs[0].means}.",
        supporting=[signs[0].cite("it was planned"), agree[0].cite("its own words agree"), good[0].cite("it is well")],
        strength="strong",
        disproof="Ask who planned it; trouble that its users notice, or that outlasts it, would be an incident.",
    )

"""A thing that was made for a trial today and is scaled to zero now is at its end, where a trial is all that it was."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.stood_in import only_missed
from agent_graph.sources.signs import when
from backend.investigation.kinds import Category, Citation

# Namespaces in which nobody has users, as people call those that they make for a trial.
_TRIAL = re.compile(
    r"(?:^|[-_.])(?:rehears\w*|drills?|(?:dr|restore|load|perf|soak|stress|smoke|e2e)-?tests?|preview|review|ephemeral"
    r"|sandbox|trial|throw-?away|scratch|(?:pr|mr)-\d+|bench(?:mark)?|lab)(?:$|[-_.0-9])",
    re.IGNORECASE,
)
_LIVE = re.compile(r"(?:^|[-_.])(?:prod\w*|live)(?:$|[-_.0-9])", re.IGNORECASE)
# What lives longer is kept for something.
_LIVED = timedelta(days=1)
_ENDED_BADLY: frozenset[str] = frozenset({"oom", "app_crash", "restart_loop", "image_pull_error", "scheduling_failure"})


def torn_down(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """The alerts only miss it, it is to have no replica, it was made for a trial within a day, and nothing broke."""
    wrong = facts.signs_of("config_error")
    space = facts.case.target.namespace or ""
    made = _made(facts, wrong[0].subject if wrong else "", space)
    at_zero = bool(wrong) and all("scaled to zero" in sign.means for sign in wrong)
    if not at_zero or made is None or not _TRIAL.search(space) or _LIVE.search(space) or not only_missed(facts):
        return None
    began = facts.case.started_at
    if not began - _LIVED <= made <= began or set(likely) - {"config_error"} or complains(facts):
        return None
    if any(sign.category in _ENDED_BADLY for sign in facts.signs):
        return None
    if not all(_is_of_absence(cite, facts) for cite in trouble_signals(facts)):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} was made in {space} at {made:%Y-%m-%d %H:%M} UTC for a trial, and is torn down since:"
        f" {wrong[0].means}. Nobody uses what stands there; a rule should leave it out.",
        supporting=[wrong[0].cite("it is to have no replica"), *trouble_signals(facts)[:2]],
        strength="strong",
        disproof="Ask whoever made it whether the trial was over; if it is still needed, it was scaled by mistake.",
    )


def _made(facts: Facts, subject: str, space: str) -> datetime | None:
    known = [one for one in facts.platform.get("workloads", []) if (one["name"], one["namespace"]) == (subject, space)]
    return when(known[0].get("made")) if known else None


def _is_of_absence(cite: Citation, facts: Facts) -> bool:
    """Is it measured not to be there, and no more than that?"""
    return any(metric.role in ("up", "probe") and metric.cite().quote == cite.quote for metric in facts.metrics)

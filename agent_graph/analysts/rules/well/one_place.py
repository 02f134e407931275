"""A check from several places of which one fails all the time: that place is cut off, and not what is checked."""

import re
from collections.abc import Sequence
from typing import Any

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.probing import served_lines
from backend.investigation.kinds import Category, CheckFact
from backend.redaction.clean import one_line

# How monitors call where they ask from.
_PLACES = re.compile(r"region|location|place|probe|vantage|agent|\bpops?\b|sites?$", re.IGNORECASE)
# What a server says, it says from where it runs: whoever hears it got there.
_ANSWERED = re.compile(r"\bHTTP [45]\d\d\b|\bstatus (?:code )?[45]\d\d\b", re.IGNORECASE)
_LEAST = 3
# What speaks for a service besides its own check.
_LOOKS_LIKE: frozenset[Category] = frozenset({"network_error", "probe_failure", "dns_failure"})


def one_place(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All failures come from the one place, nothing from it passes any more, the others pass, and users are served."""
    watched, monitor = facts.case.monitor, facts.monitor
    if watched is None or monitor is None or set(likely) - _LOOKS_LIKE or complains(facts):
        return None
    failing = _failing(watched.checks, _places(watched.config))
    if failing is None or any(signal.evidence != monitor.evidence for signal in trouble_signals(facts)):
        return None
    place, failures, passes = failing
    # Who is asked for by the place itself may be what is broken there.
    if any(re.search(rf"\b{re.escape(place)}\b", line.text) for line in [*facts.lines, *facts.changes]):
        return None
    good = [line.cite("it serves meanwhile") for line in served_lines(facts)[-1:]]
    good += [s.cite("as it should be") for s in facts.signs_of("healthy", "strong") if s.source != "monitor_history"]
    failure, passed = monitor.cite_failure(), next((line for line in monitor.lines if " up" in line), None)
    if not good or failure is None or passed is None:
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} answers everywhere else: only the checks from {one_line(place, 60)} fail ({failures}"
        f" of them, while {passes} from other places pass); that location is cut off, not what it checks.",
        supporting=[
            failure.model_copy(update={"note": "from the one place"}),
            failure.model_copy(update={"quote": passed, "note": "from another place"}),
            *good[:3],
        ],
        strength="strong",
        disproof="Ask from another network near that place: failing there, too, would be an incident for its users.",
    )


def _places(config: dict[str, Any]) -> list[str]:
    lists = [value for key, value in config.items() if _PLACES.search(key) and isinstance(value, list)]
    return [one for value in lists for one in value if isinstance(one, str) and len(one) > 1]


def _failing(checks: Sequence[CheckFact], places: Sequence[str]) -> tuple[str, int, int] | None:
    """The one place that fails, how often, and how often others passed since it does."""
    failed = [check for check in checks if check.status == "down"]
    named = {_place(check, places) for check in failed}
    if len(places) < 2 or len(failed) < _LEAST or len(named) != 1 or (place := named.pop()) is None:
        return None
    if any(check.status_code or _ANSWERED.search(check.error or "") for check in failed):
        return None
    since = min(check.at for check in failed)
    later = [check for check in checks if check.status == "up" and check.at >= since]
    passes = [check for check in later if _place(check, places) != place]
    return (place, len(failed), len(passes)) if len(later) == len(passes) >= len(failed) else None


def _place(check: CheckFact, places: Sequence[str]) -> str | None:
    told = f"{check.error or ''} {check.detail or ''}"
    return next((one for one in places if re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", told)), None)

"""Evidence in an order of its own: sources answer when they can, and which was faster must not decide what is said."""

from collections.abc import Sequence

from backend.investigation.kinds import Evidence

# The alert, then state, what was said, what was measured, what was done, and what is remembered. Others come last.
_ORDER = (
    *("alert", "kubernetes", "docker", "postgres", "monitor_history", "log_file", "loki", "prometheus", "changes"),
    *("runbooks", "similar"),
)
_PLACE = {source: place for place, source in enumerate(_ORDER)}


def in_order(evidence: Sequence[Evidence]) -> list[Evidence]:
    """By source; what one source answered stays in the order of the questions."""
    return sorted(evidence, key=lambda found: (_PLACE.get(found.source, len(_ORDER)), found.source))

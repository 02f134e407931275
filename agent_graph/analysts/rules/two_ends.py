"""One link as both of its ends measure it: where one says it is down and the other that it is up, neither leads."""

from collections.abc import Iterator, Sequence

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding

# States are a few numbers; what grows or is timed differs between two ends by its nature.
_STATES = 3


def two_ends_differ(facts: Facts) -> Finding | None:
    """They agreed, one of them turned and stayed so, and the other did not."""
    for one, other in _pairs(facts.metrics):
        turned, stayed = (one, other) if _values(other) == {other.last} else (other, one)
        if turned.last == stayed.last or turned.points[0][1] != stayed.points[0][1] or _values(stayed) != {stayed.last}:
            continue
        return Finding(
            category="unknown",
            statement="The two ends of one link contradict each other. One end measures that it is not as it was:"
            f" {turned.line[:240]}. The other end measures no change: {stayed.line[:240]}. Either one of them has not"
            " noticed, or something between them takes one way only: look at the connection itself on both machines"
            " before anything is restarted.",
            supporting=[turned.cite("one end of the link")],
            contradicting=[stayed.cite("the other end of the same link")],
            strength="weak",
            onset=turned.change_at,
            disproof="List the connection on both machines at once: where both show it alike, one of the two measures"
            " is stale.",
        )
    return None


def _pairs(metrics: Sequence[Metric]) -> Iterator[tuple[Metric, Metric]]:
    """Series of one name in which two labels have each other's values: who measures, and whom."""
    states = [metric for metric in metrics if len(_values(metric)) <= _STATES and _whole(metric)]
    for place, one in enumerate(states):
        for other in states[place + 1 :]:
            if one.name == other.name and _mirrored(one, other):
                yield one, other


def _mirrored(one: Metric, other: Metric) -> bool:
    mine, theirs = _named(one), _named(other)
    both = [key for key in mine if key in theirs and mine[key] != theirs[key]]
    return any(mine[a] == theirs[b] and mine[b] == theirs[a] for a in both for b in both if a < b)


def _named(metric: Metric) -> dict[str, str]:
    """Labels with hosts by their first name: one end is often called by its short name, the other by its full one."""
    labels: dict[str, str] = metric.labels
    return {key: value if value.replace(".", "").isdigit() else value.split(".")[0] for key, value in labels.items()}


def _values(metric: Metric) -> set[float]:
    return {value for _, value in metric.points}


def _whole(metric: Metric) -> bool:
    return all(value == int(value) and 0 <= value < 10 for value in _values(metric))

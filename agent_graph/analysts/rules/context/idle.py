"""One of several that do the same does nothing any more, however ready it looks, while the others go on."""

from collections.abc import Iterator
from statistics import median

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.served_none import fell, is_work
from agent_graph.wording import clock
from backend.investigation.kinds import Citation

# What sets those apart that do the same work.
_WHO = frozenset({"pod", "instance", "replica", "container", "name", "node", "host", "worker", "zone", "shard", "task"})
_GOES_ON = 0.5


def idle_one(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with a quote."""
    work = [metric for metric in facts.metrics if is_work(metric)]
    for metric in work:
        at = metric.change_at
        others = [one for one in work if one is not metric and (_who(one, metric))]
        if at is None or not others or not fell(metric, at) or not all(_goes_on(one) for one in others):
            continue
        yield f"Only {_who(metric, others[0])} does nothing since {clock(at)}", metric.cite("it alone does nothing")
        return


def _who(metric: Metric, other: Metric) -> str:
    """What it is called by the one label that sets it apart from the other; empty where they differ otherwise."""
    mine, its = metric.labels, other.labels
    same_name = metric.line.split("{")[0] == other.line.split("{")[0]
    apart = [key for key in mine if mine[key] != its.get(key)]
    return mine[apart[0]] if same_name and len(apart) == 1 and apart[0] in _WHO else ""


def _goes_on(metric: Metric) -> bool:
    values = [value for _, value in metric.points]
    third = max(1, len(values) // 3)
    return median(values[-third:]) >= _GOES_ON * median(values[:third]) > 0

"""Reads what a namespace allows each container, and how many pods of the target may be taken away at once."""

from collections.abc import Sequence

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, node_of, number_of
from agent_graph.sources.signs import Book

_MOST = 3
_BOUNDS = ("min", "max", "default", "defaultRequest")


def read_limit_range(book: Book, one: Object) -> None:
    """Bounds, and what a container gets that names none."""
    for limit in list_of(one, "spec", "limits"):
        said = [f"{bound} {resource} {value}" for bound in _BOUNDS for resource, value in dict_of(limit, bound).items()]
        book.say(f"limit range {name_of(one)}: {limit.get('type')}: {', '.join(said) or 'no bounds'}")


def read_budget(book: Book, one: Object, stays: Sequence[Object] = ()) -> None:
    """A disruption budget of the target's pods. `stays`: those of them that a node, which is the target, is to lose."""
    status = dict_of(one, "status")
    line = (
        f"disruption budget {name_of(one)}: {status.get('currentHealthy')} pods are healthy, "
        f"{status.get('desiredHealthy')} have to be, {status.get('disruptionsAllowed')} may be taken away"
    )
    if not stays or status.get("disruptionsAllowed"):
        book.say(line)
        return
    pods, node = ", ".join(name_of(pod) for pod in stays[:_MOST]), node_of(stays[0])
    line = f"{line}: it keeps {pods} on node {node}, which is to be emptied"
    # With every pod of it well it would still allow none: no waiting helps.
    never = number_of(status.get("desiredHealthy")) >= number_of(status.get("expectedPods"), 1)
    book.sign("config_error", "proof" if never else "strong", line, subject=node, means=line)
    book.sign("trouble", "strong", line, subject=node)

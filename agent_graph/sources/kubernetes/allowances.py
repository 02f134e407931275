"""Reads what a namespace allows each container, and how many pods of the target may be taken away at once."""

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of
from agent_graph.sources.signs import Book

_BOUNDS = ("min", "max", "default", "defaultRequest")


def read_limit_range(book: Book, one: Object) -> None:
    """Bounds, and what a container gets that names none."""
    for limit in list_of(one, "spec", "limits"):
        said = [f"{bound} {resource} {value}" for bound in _BOUNDS for resource, value in dict_of(limit, bound).items()]
        book.say(f"limit range {name_of(one)}: {limit.get('type')}: {', '.join(said) or 'no bounds'}")


def read_budget(book: Book, one: Object) -> None:
    """A disruption budget of the target's pods."""
    status = dict_of(one, "status")
    book.say(
        f"disruption budget {name_of(one)}: {status.get('currentHealthy')} pods are healthy, "
        f"{status.get('desiredHealthy')} have to be, {status.get('disruptionsAllowed')} may be taken away"
    )

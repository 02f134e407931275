"""What containers may use at most, and what they were started with that caps it."""

from typing import Any

from agent_graph.sources.ceilings import caps_of
from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, words_of
from agent_graph.sources.signs import Book


def read_ceilings(book: Book, owner: str, containers: list[Object], *, runs: bool) -> None:
    """A line for each container that has any; replicas that are alike say it once. `ceilings`: for whoever hits one.

    `runs`: of a pod as it runs, and not of what pods are made after.
    """
    told: list[dict[str, Any]] = book.facts.setdefault("ceilings", [])
    for container in containers:
        limits = [f"{kind} {value}" for kind, value in dict_of(container, "resources", "limits").items()]
        given = [f"{one.get('name')}={one.get('value')}" for one in list_of(container, "env") if one.get("value")]
        caps = caps_of([*words_of(container, "command"), *words_of(container, "args"), *given])
        said = [f"limits {', '.join(limits)}"] * bool(limits) + [f"started with {' '.join(caps)}"] * bool(caps)
        what = {"container": str(container.get("name", "")), "said": "; ".join(said)}
        if said and not any(what.items() <= one.items() for one in told):
            line = book.say(f"container {what['container']} of {owner}: {what['said']}")
            told.append({**what, "line": line, "runs": runs})

"""Reads nodes: their conditions, what keeps pods off them."""

from typing import Any

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of
from agent_graph.sources.signs import Book, when
from backend.investigation.kinds import Category

# Conditions that are bad when true; the last ones are of the node problem detector.
_BAD: dict[str, Category] = {
    "DiskPressure": "disk_pressure",
    "MemoryPressure": "memory_pressure",
    "PIDPressure": "node_failure",
    "NetworkUnavailable": "node_failure",
    "KernelDeadlock": "node_failure",
    "ReadonlyFilesystem": "node_failure",
    "FrequentKubeletRestart": "node_failure",
    "FrequentContainerdRestart": "node_failure",
    "FrequentUnregisterNetDevice": "node_failure",
    "CorruptDockerOverlay2": "node_failure",
}


def read_node(book: Book, node: Object, *, mine: bool) -> None:
    """A node's conditions. A node that carries the target, or is it, counts as the target's."""
    name = name_of(node)
    if mine:
        book.owns(f"node/{name}")
    bad = [condition for condition in list_of(node, "status", "conditions") if _condition(book, name, condition, mine)]
    _kept_off(book, node)
    if mine and bad:
        book.sign("trouble", "strong", f"node {name} is not well", subject=name)
    if mine and not bad:
        book.sign("healthy", "weak", f"node {name}: Ready, no pressure", subject=name, means=f"node {name} is ready")


def _condition(book: Book, name: str, condition: Object, mine: bool) -> bool:
    """Says it, and whether it is bad."""
    kind, state = str(condition.get("type")), str(condition.get("status"))
    why = f"{condition.get('reason', '')}: {condition.get('message', '')}"
    line, at = f"node {name}: {kind}={state} {why}", when(condition.get("lastTransitionTime"))
    if kind == "Ready" and state != "True":
        means = f"node {name} is NotReady ({why})"
        book.sign("node_failure" if mine else "other_down", "proof", line, subject=name, at=at, means=means)
        return True
    if kind in _BAD and state == "True":
        category = _BAD[kind] if mine else "other_down"
        book.sign(category, "proof", line, subject=name, at=at, means=f"node {name} reports {kind} ({why})")
        return True
    book.say(line)
    return False


def _kept_off(book: Book, node: Object) -> None:
    name, taints = name_of(node), list[Any](list_of(node, "spec", "taints"))
    if taints:
        said = ", ".join(f"{taint.get('key')}={taint.get('value', '')}:{taint.get('effect')}" for taint in taints)
        book.say(f"node {name}: taints {said}")
    if dict_of(node, "spec").get("unschedulable"):
        book.say(f"node {name}: cordoned (unschedulable)")
        book.facts.setdefault("cordoned", []).append(name)

"""Reads what was told to go and is still there: by what it is held, and whether who would let it go is there."""

from datetime import datetime, timedelta

from agent_graph.sources.kubernetes.objects import (
    Object,
    dict_of,
    is_targets,
    list_of,
    name_of,
    namespace_of,
    of_kind,
    words_of,
)
from agent_graph.sources.kubernetes.workloads import ready_of
from agent_graph.sources.signs import Book, when
from backend.investigation.kinds import CaseFile

_STUCK = timedelta(minutes=10)
_WORKLOADS = ("Deployment", "StatefulSet")
# Pods are read by themselves; an event goes with what it is about.
_OTHERS = ("Pod", "Node", "Event")


def read_lingering(book: Book, objects: list[Object], case: CaseFile) -> None:
    """The target's own objects, and all of a namespace that is the target."""
    whole = case.target.namespace == case.target.name
    for one in objects:
        at = when(dict_of(one, "metadata").get("deletionTimestamp"))
        ours = is_targets(one, case) or (whole and namespace_of(one) == case.target.name)
        if at is not None and case.now - at > _STUCK and ours and one.get("kind") not in _OTHERS:
            _read(book, one, at, objects)


def _read(book: Book, one: Object, at: datetime, objects: list[Object]) -> None:
    who = f"{str(one.get('kind')).lower()} {name_of(one)}"
    held = ", ".join(words_of(one, "metadata", "finalizers"))
    why = f", held by the finalizers {held}" if held else ""
    # A namespace says itself what is left in it.
    left = [str(c.get("message")) for c in list_of(one, "status", "conditions") if c.get("status") == "True"]
    why += f": {'; '.join(said for said in left if said)}" if left else ""
    away = [run for run in of_kind(objects, *_WORKLOADS) if name_of(run) in why and not ready_of(run)]
    why += f"; {name_of(away[0])}, which would let it go, has no replica that is ready" if away else ""
    line = f"{who}: told to end at {at:%Y-%m-%dT%H:%M:%SZ} and still there{why}"
    book.sign("trouble", "strong", line, subject=name_of(one), at=at, means=f"{who} does not end")
    if held or left:
        book.sign("config_error", "strong", line, subject=name_of(one), at=at, means=line)

"""Reads pods that only keep room free: they do nothing, and make way for whoever needs it. Nobody misses them."""

import re

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of
from agent_graph.sources.kubernetes.workloads import ready_of, wanted_of
from agent_graph.sources.signs import Book

# The image that only holds a pod's network, under whatever registry.
_PAUSE = re.compile(r"(?:.*/)?pause(?:-(?:amd64|arm64|arm))?(?:[:@].*)?")


def keeps_room(one: Object) -> bool:
    """Does all that it runs do nothing?"""
    spec = dict_of(one, "spec") if one.get("kind") == "Pod" else dict_of(one, "spec", "template", "spec")
    images = [str(container.get("image") or "") for container in list_of(spec, "containers")]
    return bool(images) and all(_PAUSE.fullmatch(image) for image in images)


def read_placeholders(book: Book, one: Object) -> None:
    """A workload of such pods, whether they have a place or not."""
    line = (
        f"{str(one.get('kind')).lower()} {name_of(one)}: {ready_of(one)} of {wanted_of(one)} placeholders have a place"
    )
    means = f"{name_of(one)} only keeps room free, which others may take"
    book.sign("healthy", "strong", line, subject=name_of(one), means=means)

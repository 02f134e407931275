"""Finds its way through Kubernetes objects: which there are, which of them are the target's."""

import re
from collections.abc import Iterable
from typing import Any, cast

from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import CaseFile

Object = dict[str, Any]


def flatten(documents: Iterable[Any]) -> list[Object]:
    """All objects of Lists, lists and single documents; what is not an object is left out."""
    found: list[Object] = []
    for document in documents:
        if isinstance(document, list):
            found += flatten(cast(list[Any], document))
        elif isinstance(document, dict):
            one = cast(Object, document)
            if isinstance(one.get("items"), list):
                found += flatten(one["items"])
            elif _is_object(one):
                found.append(one)
            else:
                found += flatten(value for value in one.values() if isinstance(value, dict | list))
    return [_kinded(one) for one in found]


def _is_object(one: Object) -> bool:
    """Not a mere collection of objects by name, as some tools write."""
    return any(key in one for key in ("kind", "metadata", "spec", "status", "involvedObject", "regarding"))


def _kinded(one: Object) -> Object:
    if isinstance(one.get("kind"), str) and one["kind"]:
        return one
    spec = dict_of(one, "spec")
    kind = (
        "Event"
        if "involvedObject" in one or "regarding" in one
        else "Pod"
        if "containers" in spec
        else "Node"
        if "nodeInfo" in dict_of(one, "status")
        else "Deployment"
        if "template" in spec
        else ""
    )
    return {**one, "kind": kind}


def dict_of(one: Any, *path: str) -> Object:
    """The object at a path, empty when there is none."""
    for key in path:
        one = cast(Object, one).get(key) if isinstance(one, dict) else None
    return cast(Object, one) if isinstance(one, dict) else {}


def list_of(one: Any, *path: str) -> list[Any]:
    """The objects of the list at a path; what is no object is left out, one odd item does not hide the others."""
    found = dict_of(one, *path[:-1]).get(path[-1])
    return [item for item in cast(list[Any], found) if isinstance(item, dict)] if isinstance(found, list) else []


def words_of(one: Any, *path: str) -> list[str]:
    """The words of the list at a path."""
    found = dict_of(one, *path[:-1]).get(path[-1])
    return [str(item) for item in cast(list[Any], found) if item is not None] if isinstance(found, list) else []


def number_of(value: Any, otherwise: int = 0) -> int:
    """A count as the API writes it."""
    return int(str(value)) if re.fullmatch(r"-?\d{1,18}", str(value)) else otherwise


def notes_of(one: Object) -> dict[str, str]:
    """What people noted on an object: its annotations without those in which tools keep the object as it was."""
    noted = {key: str(text) for key, text in dict_of(one, "metadata", "annotations").items()}
    kept = {key for key, text in noted.items() if "kubectl.kubernetes.io/" in key or text.lstrip()[:1] in ("{", "[")}
    return {key: text for key, text in noted.items() if key not in kept}


def name_of(one: Object) -> str:
    return str(dict_of(one, "metadata").get("name", ""))


def namespace_of(one: Object) -> str:
    return str(dict_of(one, "metadata").get("namespace", "default"))


def of_kind(objects: list[Object], *kinds: str) -> list[Object]:
    return [one for one in objects if one.get("kind") in kinds]


def node_of(pod: Object) -> str:
    """Where a pod runs."""
    return str(dict_of(pod, "spec").get("nodeName") or "")


def is_ready(one: Object) -> bool:
    """Does it say that it is?"""
    conditions = list_of(one, "status", "conditions")
    return any(said.get("type") == "Ready" and said.get("status") == "True" for said in conditions)


def is_targets(one: Object, case: CaseFile) -> bool:
    """By name, owner or the labels that say which application an object belongs to; the namespace must agree."""
    if case.target.namespace and namespace_of(one) not in (case.target.namespace, "default", ""):
        return False
    known = aliases(case)
    meta = dict_of(one, "metadata")
    labels = {**dict_of(one, "spec", "selector", "matchLabels"), **dict_of(meta, "labels")}
    named = [labels.get(key) for key in ("app", "app.kubernetes.io/name", "app.kubernetes.io/instance", "k8s-app")]
    owners = [str(owner.get("name", "")) for owner in list_of(meta, "ownerReferences") if isinstance(owner, dict)]
    return any(belongs(str(name), known) for name in [meta.get("name", ""), *owners, *named] if name)

"""Reads pods that are made to fail: whoever made them for a test noted on them which state they are to come to."""

import re
from typing import Any

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, namespace_of, of_kind
from agent_graph.sources.signs import Book

_EXPECTED = re.compile(r"\bexpect(?:s|ed|ation)?\b|\bshould[-_. ]?(?:end|fail|be)\b|\bx-?fail\b", re.IGNORECASE)
# Where tests run, by a word of the namespace's name or of its labels.
_OF_TESTS = re.compile(
    r"(?<![a-z])(?:e2e|tests?|testing|ci|integration|conformance|ephemeral|preview|pr-?\d+|sandbox|ttl)(?![a-z])",
    re.IGNORECASE,
)
_LIVE = re.compile(r"(?<![a-z])prod(?:uction)?(?![a-z])|(?<![a-z])live(?![a-z])", re.IGNORECASE)


def read_expected(book: Book, objects: list[Object], pod: Object) -> bool:
    """Is it in the state that is noted on it, in a namespace of tests? Then that is said, and nothing else of it."""
    line = _expected(pod, objects)
    if not line:
        return False
    book.owns(f"{namespace_of(pod)}/pod/{name_of(pod)}")
    book.sign("healthy", "strong", line, subject=name_of(pod), means=f"{name_of(pod)} is in the state noted on it")
    book.facts.setdefault("expected", []).append({"name": name_of(pod), "line": line})
    return True


def _expected(pod: Object, objects: list[Object]) -> str:
    meta, states = dict_of(pod, "metadata"), _states(pod)
    notes = {**dict_of(meta, "labels"), **dict_of(meta, "annotations")}
    told = [(key, str(said)) for key, said in notes.items() if _EXPECTED.search(re.sub(r"[_./-]", " ", key))]
    meant = next(((key, said) for key, said in told if any(state in said for state in states)), None)
    space = namespace_of(pod)
    spaces = [one for one in of_kind(objects, "Namespace") if name_of(one) == space]
    labels = " ".join(f"{key}={value}" for one in spaces for key, value in dict_of(one, "metadata", "labels").items())
    where = f"{space} {labels}".strip()
    if meant is None or not _OF_TESTS.search(where) or _LIVE.search(where):
        return ""
    return f"pod {name_of(pod)}: noted on it {meant[0]}: {meant[1]}; its namespace is one of tests ({where[:200]})"


def _states(pod: Object) -> set[str]:
    """What Kubernetes calls the state that it is in."""
    kinds = ("containerStatuses", "initContainerStatuses")
    statuses: list[Any] = [one for kind in kinds for one in list_of(pod, "status", kind)]
    reasons = [dict_of(one, "state", state).get("reason") for one in statuses for state in ("waiting", "terminated")]
    return {str(reason) for reason in [*reasons, dict_of(pod, "status").get("reason")] if reason}

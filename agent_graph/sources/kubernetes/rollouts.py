"""Reads revisions of the target: which came just before the trouble, and what changed with it."""

import re
from datetime import datetime, timedelta
from typing import Any, cast

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, of_kind
from agent_graph.sources.signs import Book, when
from agent_graph.wording import clock

_REVISION = "deployment.kubernetes.io/revision"
# A rollout this long before the trouble, or this little after it was seen to begin, may have caused it.
_BEFORE, _AFTER = timedelta(minutes=60), timedelta(minutes=3)
_SECRET = re.compile(r"pass|secret|token|key|credential", re.IGNORECASE)
_MOST = 5


def read_rollout(book: Book, objects: list[Object], began: datetime) -> None:
    """The newest revision among the target's replica sets: made just before the trouble, and with what changed."""
    sets = [one for one in of_kind(objects, "ReplicaSet") if _revision(one) is not None]
    sets.sort(key=lambda one: _revision(one) or 0)
    for one in sets:
        made = dict_of(one, "metadata").get("creationTimestamp")
        book.say(f"replicaset {name_of(one)}: revision {_revision(one)}, image {_images(one)}, created {made}")
    if len(sets) < 2:
        return
    new, old = sets[-1], sets[-2]
    at = when(dict_of(new, "metadata").get("creationTimestamp"))
    if at is None or not began - _BEFORE <= at <= began + _AFTER:
        return
    book.facts["rollout"] = {
        "to_revision": _revision(old),
        "at": at.isoformat(),
        "old": _images(old),
        "new": _images(new),
    }
    what = "; ".join(changed(old, new)) or f"{_images(old)} → {_images(new)}"
    line = f"rollout at {at:%Y-%m-%dT%H:%M:%SZ}: revision {_revision(old)} → {_revision(new)}: {what}"
    means = f"revision {_revision(new)} ({_images(new)}) was rolled out at {clock(at)} in place of {_images(old)}"
    means = means if _images(new) != _images(old) else f"{means}, with {what}"
    book.sign("bad_deploy", "strong", line, subject=name_of(new), at=at, means=means)


def _revision(one: Object) -> int | None:
    value = str(dict_of(one, "metadata", "annotations").get(_REVISION, ""))
    return int(value) if value.isdigit() else None


def _images(one: Object) -> str:
    return ", ".join(str(c.get("image", "")) for c in list_of(one, "spec", "template", "spec", "containers"))


def changed(old: Object, new: Object) -> list[str]:
    """What differs between two revisions' pods, the image first, a few of them."""
    before, after = _flat(dict_of(old, "spec", "template", "spec")), _flat(dict_of(new, "spec", "template", "spec"))
    paths = [path for path in dict.fromkeys([*before, *after]) if before.get(path) != after.get(path)]
    paths.sort(key=lambda path: not path.endswith("image"))
    return [f"{path} {_shown(path, before)} → {_shown(path, after)}" for path in paths[:_MOST]]


def _shown(path: str, values: dict[str, str]) -> str:
    if path not in values:
        return "(none)"
    return "(hidden)" if _SECRET.search(path) else values[path][:80]


def _flat(value: Any, path: str = "") -> dict[str, str]:
    """Leaves by their path; items of a list by their name where they have one."""
    if isinstance(value, dict):
        found: dict[str, str] = {}
        for key, inner in cast(Object, value).items():
            found |= _flat(inner, f"{path}.{key}" if path else key)
        return found
    if isinstance(value, list):
        found = {}
        for place, inner in enumerate(cast(list[Any], value)):
            label = str(cast(Object, inner).get("name", place)) if isinstance(inner, dict) else str(place)
            found |= _flat(inner, f"{path}[{label}]")
        return found
    return {path: str(value)}

"""Reads what looks like an outage and was meant to happen: work that is finished, nodes emptied on purpose."""

from datetime import datetime, timedelta

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, of_kind
from agent_graph.sources.signs import Book, stems, when

_ENDED = ("Succeeded", "Failed")
# A failure this long before the alert is not what it is about.
_LONG_AGO = timedelta(days=1)


def owned_by(one: Object, *kinds: str) -> bool:
    """Does a controller of one of these kinds stand behind the object?"""
    return any(
        isinstance(owner, dict) and owner.get("kind") in kinds for owner in list_of(one, "metadata", "ownerReferences")
    )


def past_runs(jobs: list[Object], cronjobs: list[Object], began: datetime) -> dict[str, str]:
    """Failed jobs by name that are an old story, and why: a later run of their owner came well, or it is days ago."""
    found: dict[str, str] = {}
    for job in jobs:
        failed = _ended(job, "Failed")
        owner = _owner(job)
        later = [name_of(one) for one in jobs if owner == _owner(one) and _later(_ended(one, "Complete"), failed)]
        crons = [one for one in cronjobs if name_of(one) == owner]
        if failed is None:
            continue
        if later:
            found[name_of(job)] = f"{max(later)} after it is complete"
        elif any(_later(when(dict_of(one, "status").get("lastSuccessfulTime")), failed) for one in crons):
            found[name_of(job)] = f"{owner} has succeeded since"
        elif not crons and began - failed >= _LONG_AGO:
            found[name_of(job)] = "that is days ago"
    return found


def _ended(job: Object, how: str) -> datetime | None:
    ends = [c for c in list_of(job, "status", "conditions") if c.get("type") == how and c.get("status") == "True"]
    times = [*(c.get("lastTransitionTime") for c in ends), dict_of(job, "status").get("startTime")]
    return next((at for text in times if (at := when(text))), None) if ends else None


def _later(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one > other


def _owner(job: Object) -> str:
    """Whose run it is: as it says, or as its name does (nightly-28912340)."""
    said = [str(owner["name"]) for owner in list_of(job, "metadata", "ownerReferences") if owner.get("name")]
    return next(iter([*said, *stems(name_of(job))]), name_of(job))


def read_jobs(book: Book, jobs: list[Object], past: dict[str, str]) -> None:
    """The newest run of the target's jobs; what earlier ones came to is over. `past`: runs that are an old story."""
    for job in jobs:
        if name_of(job) in past:
            line = (
                f"job {name_of(job)}: Failed=True at {_ended(job, 'Failed'):%Y-%m-%dT%H:%M:%SZ}; {past[name_of(job)]}"
            )
            means = f"job {name_of(job)} failed, and {past[name_of(job)]}"
            book.sign("trouble_over", "strong", line, subject=name_of(job), means=means)
    if not jobs:
        return
    job = max(jobs, key=lambda one: str(dict_of(one, "status").get("startTime") or ""))
    name = name_of(job)
    for condition in list_of(job, "status", "conditions"):
        kind, reason = condition.get("type"), condition.get("reason", "")
        line = f"job {name}: {kind}={condition.get('status')} {reason}: {condition.get('message', '')}"
        if kind == "Complete" and condition.get("status") == "True":
            book.sign("healthy", "strong", line, subject=name, means=f"job {name} is complete")
        elif kind == "Failed" and condition.get("status") == "True" and name not in past:
            at = when(condition.get("lastTransitionTime"))
            book.sign("trouble", "strong", line, subject=name, means=f"job {name} failed: {reason}")
            # Its pods may be gone: that it failed is all that is left of why.
            book.sign("app_crash", "strong", line, subject=name, at=at, means=f"job {name} failed: {reason}")


def read_drain(book: Book, node: Object, objects: list[Object]) -> None:
    """A cordoned node that is well and carries no workload any more was drained; what it carried runs elsewhere."""
    name, pods = name_of(node), of_kind(objects, "Pod")
    if not pods or not dict_of(node, "spec").get("unschedulable") or not _well(node):
        return
    if any(_on(pod, name) and not _stays(pod) for pod in pods):
        return
    line = f"node {name}: cordoned, Ready, and no workload is left on it"
    book.sign("healthy", "strong", line, subject=name, means=f"node {name} was drained on purpose")
    moved = [pod for pod in pods if not _on(pod, name) and not _stays(pod)]
    ready = [pod for pod in moved if _ready(pod)]
    if moved and len(ready) == len(moved):
        line = f"workload pods on other nodes: {len(ready)} of {len(moved)} are ready"
        book.sign("healthy", "strong", line, subject=f"{name}/moved", means="what ran there runs elsewhere")


def _well(node: Object) -> bool:
    conditions = {c.get("type"): c.get("status") for c in list_of(node, "status", "conditions")}
    return conditions.pop("Ready", None) == "True" and "True" not in conditions.values()


def _on(pod: Object, node: str) -> bool:
    return dict_of(pod, "spec").get("nodeName") == node


def _stays(pod: Object) -> bool:
    """A drain leaves daemons, the node's own pods and what has ended where they are."""
    return owned_by(pod, "DaemonSet", "Node") or dict_of(pod, "status").get("phase") in _ENDED


def _ready(pod: Object) -> bool:
    conditions = list_of(pod, "status", "conditions")
    return any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)

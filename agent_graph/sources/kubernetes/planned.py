"""Reads work with an end: runs that are done, and failed ones that later runs or the days have left behind."""

from datetime import datetime, timedelta

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of
from agent_graph.sources.signs import Book, stems, when

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
            found[name_of(job)] = f"the later run {max(later)} succeeded"
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
            book.sign("trouble_over", "strong", line, subject=name_of(job), at=_ended(job, "Failed"), means=means)
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

"""Which pods and containers are the sickest: what is read of a few must be read of the right few."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, namespace_of
from agent_graph.sources.signs import when

MOST_LOGS = 3


@dataclass(frozen=True)
class Voice:
    """A container whose log is worth reading. `before`: it has run before, and what it said then is kept."""

    namespace: str
    pod: str
    container: str
    before: bool
    score: float


def voices(pods: Sequence[Object], named: Sequence[str], container: str | None, since: datetime) -> list[Voice]:
    """The sickest containers first; `named` and `container` are what the alert said, which decides between equals.

    Where all are well, those of one pod stand for the others. What ended before `since` is over.
    """
    found: list[Voice] = []
    for pod in pods:
        for init, key in ((True, "initContainerStatuses"), (False, "containerStatuses")):
            for status in list_of(pod, "status", key):
                score = sickness(status, since, init=init)
                if score is None:
                    continue
                meant = 0.5 * (name_of(pod) in named) + 0.4 * (status.get("name") == container)
                before = bool(_last(status, since))
                voice = Voice(namespace_of(pod), name_of(pod), str(status.get("name")), before, score + meant)
                found.append(voice)
    found.sort(key=lambda voice: -voice.score)
    sick = [voice for voice in found if voice.score >= 1]
    return sick[:MOST_LOGS] or [voice for voice in found if voice.pod == found[0].pod][:2]


def pods_by_sickness(pods: Sequence[Object], since: datetime) -> list[Object]:
    """The sickest first."""
    return sorted(pods, key=lambda pod: -_of_pod(pod, since))


def sickness(status: Object, since: datetime, *, init: bool) -> float | None:
    """How much a container is worth listening to; None when it has nothing to say."""
    state, last = dict_of(status, "state"), _last(status, since)
    waiting, ended = dict_of(state, "waiting"), dict_of(state, "terminated")
    restarts = int(status.get("restartCount") or 0)
    if waiting and not last and not restarts:
        return None
    if init and (ended.get("exitCode") == 0 or (not ended and not waiting and status.get("ready"))):
        return None
    failed = [end for end in (ended, last) if end and end.get("exitCode") not in (0, None)]
    if waiting or (ended and failed):
        return 5.0
    if failed:
        return 3.0 if status.get("ready") else 4.0
    if not status.get("ready") and not ended:
        return 2.0
    return 1.0 if last else 0.0


def _last(status: Object, since: datetime) -> Object:
    """How the run before ended, unless that is long ago."""
    last = dict_of(status, "lastState", "terminated")
    at = when(last.get("finishedAt"))
    return last if at is None or at >= since else {}


def _of_pod(pod: Object, since: datetime) -> float:
    statuses = [*list_of(pod, "status", "containerStatuses"), *list_of(pod, "status", "initContainerStatuses")]
    phase = dict_of(pod, "status").get("phase")
    scores = [sickness(status, since, init=False) for status in statuses]
    # Who waits for a first start has no log, but has events.
    waits = any(dict_of(status, "state", "waiting") for status in statuses)
    stuck = 4.5 if phase in ("Pending", "Failed", "Unknown") or waits else 0.0
    return max([stuck, *(score for score in scores if score is not None)])

"""Reads pods of others that are ready again: how the run before ended, for whoever missed them meanwhile."""

from datetime import datetime, timedelta

from agent_graph.sources.kubernetes.meanings import exit_meaning
from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, number_of
from agent_graph.sources.signs import Book, when

_RECENT = timedelta(minutes=60)
# Ends that were asked for.
_ASKED = (0, 130, 143)


def read_fall(book: Book, pod: Object, now: datetime) -> None:
    """The last bad end of each container within the hour, with the memory limit that it ran under."""
    for found in list_of(pod, "status", "containerStatuses"):
        end = dict_of(found, "lastState", "terminated")
        at, code = when(end.get("finishedAt")), number_of(end.get("exitCode"))
        if at is None or code in _ASKED or now - at > _RECENT:
            continue
        reason, restarts = str(end.get("reason") or ""), number_of(found.get("restartCount"))
        limit = _memory_limit(pod, str(found.get("name", "")))
        killed = reason == "OOMKilled"
        line = (
            f"pod {name_of(pod)} container {found.get('name')}: terminated {reason} exit code {code}"
            f"{exit_meaning(code)} at {end.get('finishedAt')}{f', memory limit {limit}' if limit else ''},"
            f" restartCount {restarts}, ready again"
        )
        how = f"was {'OOMKilled' if killed else 'ended'} (exit code {code})"
        full = f": it reached its memory limit {limit}" if killed and limit else ""
        often = f"; it was restarted {restarts} times" if restarts > 1 else ""
        means = f"{name_of(pod)} {how} at {at:%H:%M:%S} UTC{full}{often}"
        book.sign("other_ended", "weak", line, subject=name_of(pod), at=at, means=means)


def _memory_limit(pod: Object, container: str) -> str:
    specs: list[Object] = [one for one in list_of(pod, "spec", "containers") if one.get("name") == container]
    return str(dict_of(specs[0], "resources", "limits").get("memory") or "") if specs else ""

"""What stands around the target in its project or pod: is it this service or its dependency, one replica or all?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agent_graph.sources.docker.kin import DONE, Family, Kin, Listed, name_of
from agent_graph.sources.docker.state import moment, state_data
from agent_graph.sources.signs import Book
from backend.investigation.kinds import CaseFile

# As many are inspected; of the others the listing tells enough.
MOST_INSPECTED = 8
MOST_LISTED = 40
# Whose end lies longer back than this did not begin this incident.
_RELATED = timedelta(minutes=30)
# Whoever ran that long is no job.
_SERVED = timedelta(hours=1)
# Exit codes of what ends by itself, by SIGTERM, by SIGKILL: the last can be memory's fault, which only inspect tells.
_KILLED = 137
_STOPPED = (0, 143, _KILLED)
_EXITED = re.compile(r"^Exited \((\d+)\)")


@dataclass(frozen=True)
class Condition:
    """How a container is. `sick`: why it is not well, empty when it is. `since`: when that began, where it is known.

    `made`: when it was created. `addresses`: by which it is reached on its networks. `stopped`: somebody ended it, or
    never started it; it did not fail. `ran`: for how long until then.
    """

    kin: Kin
    line: str
    sick: str
    since: datetime | None = None
    made: datetime | None = None
    addresses: tuple[str, ...] = ()
    stopped: bool = False
    ran: timedelta = timedelta()


def worth_inspecting(family: Family, listed: Sequence[Listed]) -> list[str]:
    """Dependencies and replicas before the rest, and of the rest those that do not run."""
    states = {name_of(one): one.get("State") == "running" for one in listed}
    close = [kin.name for kin in family.kin if kin.role != "sibling"]
    down = [kin.name for kin in family.kin if kin.role == "sibling" and not states.get(kin.name)]
    return [*close, *down][:MOST_INSPECTED]


def conditions(family: Family, listed: Sequence[Listed], inspected: dict[str, dict[str, Any]]) -> list[Condition]:
    """Of every container of the family but the target's own."""
    rows = {name_of(one): one for one in listed}
    return [
        _wired(
            _of_inspect(kin, inspected[kin.name]) if kin.name in inspected else _of_listing(kin, rows[kin.name]),
            rows.get(kin.name, {}),
        )
        for kin in family.kin[:MOST_LISTED]
        if kin.name in inspected or kin.name in rows
    ]


def _wired(one: Condition, listed: Listed) -> Condition:
    """With when it was made, and its addresses, as the engine lists them."""
    created, networks = listed.get("Created"), (listed.get("NetworkSettings") or {}).get("Networks") or {}
    made = datetime.fromtimestamp(created, UTC) if isinstance(created, int) and created > 0 else None
    found = [str(net["IPAddress"]) for net in networks.values() if net and net.get("IPAddress")]
    return replace(one, made=made, addresses=tuple(sorted(found)))


def _of_inspect(kin: Kin, inspected: dict[str, Any]) -> Condition:
    data = state_data(inspected, of_target=False)
    parts = [data["status"] or "unknown"]
    since = moment(data["started_at"]) if data["running"] else moment(data["finished_at"])
    if not data["running"] and data["status"] != "created":
        parts.append(f"exit code {data['exit_code']}")
    parts += ["killed for memory (OOMKilled)"] if data["oom_killed"] else []
    parts += [data["health"]] if data["health"] != "none" else []
    parts += [f"restarted {data['restart_count']} times"] if data["restart_count"] else []
    parts += [f"since {since:%Y-%m-%dT%H:%M:%SZ}"] if since else []
    looping = data["status"] == "restarting" or data["restart_count"] >= 3
    made = moment(inspected.get("Created"))
    parts += [f"created {made:%Y-%m-%dT%H:%M:%SZ}"] if made and (looping or not data["running"]) else []
    sick = _sickness(kin, running=data["running"], code=data["exit_code"], status=data["status"], health=data["health"])
    stopped = _stopped(data["status"], data["exit_code"]) and not data["oom_killed"] and not data["error"]
    begun = moment(data["started_at"])
    ran = since - begun if stopped and since and begun else timedelta()
    sick = sick or ("keeps restarting" if looping else "")
    return Condition(kin, _line(kin, parts), sick, since, stopped=stopped, ran=ran)


def _of_listing(kin: Kin, listed: Listed) -> Condition:
    status, said = str(listed.get("State") or "unknown"), str(listed.get("Status") or "")
    exited = _EXITED.match(said)
    health = next((word for word in ("unhealthy", "healthy") if f"({word})" in said), "none")
    code = int(exited[1]) if exited else 0
    parts = [status, *([f"exit code {code}"] if exited else []), *([health] if health != "none" else [])]
    sick = _sickness(kin, running=status == "running", code=code, status=status, health=health)
    return Condition(kin, _line(kin, parts), sick, stopped=_stopped(status, code) and code != _KILLED)


def _stopped(status: str, code: int) -> bool:
    """Ended well, or by a signal; not by a failure of its own, which a start would repeat."""
    return status == "created" or (status in ("exited", "stopped") and code in _STOPPED)


def _line(kin: Kin, parts: list[str]) -> str:
    service = f", service {kin.service}" if kin.service and kin.service != kin.name else ""
    return f"{kin.name} ({kin.role}{service}): {', '.join(parts)}"


def _sickness(kin: Kin, *, running: bool, code: int, status: str, health: str) -> str:
    if running:
        return "is unhealthy" if health == "unhealthy" else "is paused" if status == "paused" else ""
    # A job that has done its work is gone, and well; who has not begun yet is missing only where it is waited for.
    if code == 0 and (kin.wants == DONE or (kin.role == "sibling" and status in ("exited", "stopped"))):
        return ""
    if status == "created" and kin.role == "sibling":
        return ""
    return "does not run" if status in ("created", "") else f"is {status} (exit code {code})"


def write_siblings(book: Book, family: Family, around: Sequence[Condition], case: CaseFile) -> None:
    """A line for each; a dependency that is not well is a sign, unless it has been so for long."""
    for one in around:
        if one.sick and one.kin.role == "dependency":
            means = f"its dependency {one.kin.service or one.kin.name} {one.sick}"
            long_ago = one.since is not None and one.since < case.started_at - _RELATED
            weight = "weak" if long_ago else "strong"
            book.sign("dependency_failure", weight, one.line, subject=one.kin.name, at=one.since, means=means)
        elif one.sick:
            book.sign("other_down", "strong", one.line, subject=one.kin.name, at=one.since)
        elif one.made is not None and case.started_at - _RELATED <= one.made <= case.now:
            at = f" at {', '.join(one.addresses)}" if one.addresses else ""
            line = f"{one.line}, made anew {one.made:%Y-%m-%dT%H:%M:%SZ}{at}"
            book.sign("made_anew", "weak", line, subject=one.kin.name, at=one.made)
        else:
            book.say(one.line)
    hidden = len(family.kin) - len(around)
    if hidden > 0:
        book.say(f"and {hidden} more containers")


def startable(around: Sequence[Condition], case: CaseFile) -> list[str]:
    """What is missing only because it was stopped: declared dependencies, and what served until just now.

    No jobs: those may not run twice.
    """
    stopped = [one for one in around if one.stopped and one.kin.wants != DONE and one.kin.role != "replica"]
    return [one.kin.name for one in stopped if one.kin.role == "dependency" or _served(one, case)]


def _served(one: Condition, case: CaseFile) -> bool:
    return one.ran >= _SERVED and one.since is not None and one.since >= case.started_at - _RELATED


def topology(family: Family, around: Sequence[Condition], sick_targets: Sequence[str]) -> str:
    """In a sentence: this service or its dependency, one replica or all."""
    replicas = [one for one in around if one.kin.role == "replica"]
    total = len(family.targets) + len(replicas)
    ill = sorted([*sick_targets, *(one.kin.name for one in replicas if one.sick)])
    parts: list[str] = []
    if total > 1:
        which = "none" if not ill else "all" if len(ill) == total else f"{len(ill)} ({', '.join(ill[:3])})"
        parts.append(f"of {total} replicas of {family.service or family.targets[0]} {which} in trouble")
    needed = [one for one in around if one.kin.role == "dependency"]
    bad = [f"{one.kin.service or one.kin.name} {one.sick}" for one in needed if one.sick]
    if needed:
        parts.append("its dependency " + "; ".join(bad) if bad else "everything it depends on is up")
    others = [one.kin.name for one in around if one.kin.role == "sibling" and one.sick]
    if others:
        parts.append(f"not well beside it: {', '.join(others[:5])}")
    return f"In {family.group}: {'; '.join(parts)}." if parts else f"In {family.group} everything else is well."

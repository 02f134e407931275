"""Who holds most of what is counted together: the user, application, client or queue that its series tell apart."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agent_graph.sources.courses import total_of
from agent_graph.sources.series import Series
from agent_graph.sources.signs import aliases
from backend.investigation.kinds import CaseFile

# Labels that say who, the most telling first; then what they do with it.
_WHO = (
    *("application_name", "application", "app", "client_name", "usename", "user", "username", "role", "pool"),
    *("client", "client_addr", "remote", "consumer", "group", "queue", "topic", "db", "datname", "database", "schema"),
    *("pod", "container", "host"),
)
_HOW = ("state", "status", "command", "type")
# Less than this is no more than one of several.
_MOST = 0.5


def holder(series: Sequence[Series]) -> Series | None:
    """The sum of the one party that has most of it at the end; None where nobody has, or nothing tells them apart."""
    whole = sum(s.last for s in series)
    for key in (*_WHO, *_HOW):
        groups: dict[str, list[Series]] = {}
        for one in series:
            groups.setdefault(one.labels.get(key, ""), []).append(one)
        if len(groups) < 2:
            continue
        name = max(groups, key=lambda value: sum(s.last for s in groups[value]))
        if name and whole > 0 and sum(s.last for s in groups[name]) >= _MOST * whole:
            summed = total_of(groups[name])
            return Series({**summed.labels, key: name}, summed.points)
    return None


def own(case: CaseFile, held: Mapping[str, Any]) -> bool:
    """Is who has most of a server's connections (its `name`, its `user`) the target, or nobody in particular?

    In doubt it is: of several with a little each none is to blame.
    """
    if held["held"] < _MOST * held["of"] or case.target.source_type == "database":
        return True
    known = aliases(case)
    words = {part for name in known for part in _parts(name)}
    if held["name"] in known or held["user"] in known:
        return True
    return bool(words & {part for name in (held["name"], held["user"]) for part in _parts(name)})


def named_like(name: str, other: str) -> bool:
    """Do two names share a word that says whose they are?"""
    return bool(set(_parts(name)) & set(_parts(other)))


def _parts(name: str) -> list[str]:
    """booking-api, booking_rw: both are of booking."""
    return [part for part in re.split(r"[^a-z]+", name.lower()) if len(part) > 2 and part not in _ROLES]


_ROLES = frozenset({"api", "app", "service", "svc", "worker", "server", "user", "web", "prod", "backend", "frontend"})

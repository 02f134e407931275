"""How a container is wired to what is beside it: who holds its port, whom it shares no network with, what it reads."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from agent_graph.sources.docker.kin import Listed, name_of, project_of, service_of

# How the lines begin, and one of them ends, by which they are found again.
HELD, APART, READ_ONLY = "of the host", "no network in common", "mounted read-only"
BOUND = "directories of its machine"
# Who takes the machine's network or another container's is on none of its own.
_SHARED = ("host", "none", "container:", "ns:", "slirp4netns", "pasta")
_MOST = 10
# Configuration, secrets, sockets and the system's own are read, and never written.
_READ = re.compile(
    r"^/(?:etc|usr|run|var/run|proc|sys|dev|lib|bin|boot)(?:/|$)|\.\w{2,5}$|secret|conf|cert|ssl|docker", re.I
)


def wiring(inspected: dict[str, Any], listed: Sequence[Listed]) -> list[str]:
    """Lines of the state; none where nothing is in its way."""
    name = str(inspected.get("Name", "")).lstrip("/")
    others = [one for one in listed if name_of(one) != name]
    return [*_held(inspected, others), *_apart(inspected, others), *_read_only(inspected), *_bound(inspected)]


def _held(inspected: dict[str, Any], others: Sequence[Listed]) -> Iterator[str]:
    """Only of what does not run: who runs has its ports."""
    if (inspected.get("State") or {}).get("Running"):
        return
    bound = (inspected.get("HostConfig") or {}).get("PortBindings") or {}
    wanted = {str(one.get("HostPort")) for all_of in bound.values() for one in all_of or [] if one.get("HostPort")}
    for port in sorted(wanted):
        holders = [name_of(one) for one in others if port in _published(one)]
        if holders:
            yield f"port {port} {HELD}: held by {', '.join(sorted(holders)[:3])}, and to be published by this one"


def _published(listed: Listed) -> set[str]:
    if listed.get("State") != "running":
        return set()
    return {str(port["PublicPort"]) for port in listed.get("Ports") or [] if port.get("PublicPort")}


def _apart(inspected: dict[str, Any], others: Sequence[Listed]) -> Iterator[str]:
    """Those of its own project that it can neither find by name nor reach, as one line."""
    mode = str((inspected.get("HostConfig") or {}).get("NetworkMode") or "")
    own = set((inspected.get("NetworkSettings") or {}).get("Networks") or {})
    project = project_of({"Labels": (inspected.get("Config") or {}).get("Labels")})
    if not own or not project or mode.startswith(_SHARED):
        return
    apart = [
        f"{service_of(one) or name_of(one)} ({name_of(one)}, on {', '.join(sorted(theirs))})"
        for one in others
        if project_of(one) == project and (theirs := _networks(one)) and not theirs & own
    ]
    if apart:
        yield f"{APART}: on {', '.join(sorted(own))}, apart from {'; '.join(sorted(apart)[:_MOST])}"


def _read_only(inspected: dict[str, Any]) -> Iterator[str]:
    """Places for data that it may not write to, as one line."""
    mounts = [one for one in inspected.get("Mounts") or [] if one.get("RW") is False]
    told = [
        f"{one.get('Destination')} ({one.get('Name') or one.get('Source')})"
        for one in mounts
        if not _READ.search(str(one.get("Destination") or "/etc"))
    ]
    if told:
        yield f"{READ_ONLY}: {'; '.join(sorted(told)[:_MOST])}"


def _bound(inspected: dict[str, Any]) -> Iterator[str]:
    """Where its data lies on the machine, as one line: what is not mounted there is empty here."""
    told = [
        f"{one.get('Destination')} ({one.get('Source')})"
        for one in inspected.get("Mounts") or []
        if one.get("Type") == "bind" and not _READ.search(str(one.get("Destination") or "/etc"))
    ]
    if told:
        yield f"{BOUND}: {'; '.join(sorted(told)[:_MOST])}"


def _networks(listed: Listed) -> set[str]:
    found = (listed.get("NetworkSettings") or {}).get("Networks") or {}
    return {name for name in found if name not in _SHARED}

"""A responder's hint: what it names is looked at if it exists, what it quotes is searched for. Words decide nothing."""

import re
from collections.abc import Collection, Iterable, Sequence

from agent_graph.deps import Ask
from backend.investigation.kinds import CaseFile, Evidence
from backend.redaction.clean import one_line

_WORD = re.compile(r"[A-Za-z0-9][\w.-]+")
_QUOTED = re.compile(r"[\"“'`‘]([^\"”'`’\n]{3,100})[\"”'`’]")
_MOST = 2


def asks(case: CaseFile, evidence: Sequence[Evidence]) -> list[Ask]:
    """State and logs of the containers that it names, and the lines that it quotes."""
    if not case.hint:
        return []
    named = [
        Ask(source="docker", what=what, args={"container": name})
        for name in containers(case, evidence)
        for what in ("docker_inspect", "docker_logs")
    ]
    quoted = list(dict.fromkeys(_QUOTED.findall(case.hint)))[:_MOST]
    searched = [
        Ask(source=source, what=f"{source}_search", args={"contains": text})
        for text in quoted
        for source in ("loki", "log_file")
    ]
    return [*named, *searched]


def told(case: CaseFile, evidence: Sequence[Evidence]) -> list[str]:
    """How it was taken up, for whoever gave it."""
    if not case.hint:
        return []
    said = f"Asked to look at: {one_line(case.hint, 200)}"
    names = containers(case, evidence)
    if names:
        return [f"{said} — looked at {', '.join(names)}."]
    return [f"{said} — {'searched the logs' if _QUOTED.search(case.hint) else 'it names nothing that is seen here'}."]


def containers(case: CaseFile, evidence: Sequence[Evidence]) -> list[str]:
    """Containers that exist besides the target's own, and that the hint names, in its order."""
    states = [found for found in evidence if found.source == "docker" and found.kind == "state" and not found.error]
    own = {str(found.data.get("container")) for found in states if found.data.get("of_target")}
    known = dict.fromkeys(name for found in states for name in [*found.inventory, *found.data.get("siblings", {})])
    others = [name for name in known if name not in own]
    # Who says "web" of web-1 means what the incident is about, not its siblings of that name.
    return list(dict.fromkeys(_named(case.hint or "", others, but={case.target.name, *own})))[:_MOST]


def names(hint: str | None, name: str) -> bool:
    """Does the hint name it, whole or by the part that a person would say (shop-redis-1: redis)?"""
    return any(True for _ in _named(hint or "", [name]))


def _named(hint: str, known: Iterable[str], but: Collection[str] = ()) -> Iterable[str]:
    known, meant = list(known), {name.lower() for name in but}
    for word in _WORD.findall(hint.lower()):
        word = word.rstrip(".-_")
        if word not in meant:
            yield from (name for name in known if word == name.lower() or word in re.split(r"[-_.]", name.lower()))

"""An object that a model asks about: as kubectl shows it, without what may be secret."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, cast

from agent_graph.sources.kubernetes.asked import Asked
from agent_graph.sources.kubernetes.events import last_seen
from agent_graph.sources.kubernetes.objects import Object, dict_of
from agent_graph.sources.kubernetes.resources import RESOURCES
from agent_graph.wording import counted
from backend.investigation.kinds import CaseFile, Evidence

_MOST_EVENTS = 30
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


async def described(case: CaseFile, asked: Asked, args: Mapping[str, Any]) -> list[Evidence]:
    """The object and what was told about it; that it does not exist is an answer, too."""
    kind, name = str(args["kind"]), str(args["name"])
    space = str(args.get("namespace") or case.target.namespace or "default") if RESOURCES[kind].namespaced else None
    fields = f"involvedObject.kind={kind},involvedObject.name={name}"
    found, events = await asyncio.gather(
        asked.one(kind, space, name), asked.all("Event", space or "default", fields=fields)
    )
    gone = (kind, name) in asked.absent
    if found is None and not gone:
        return []
    lines = [json.dumps(shown(found), indent=1, ensure_ascii=False)] if found else [f"{kind} {name} does not exist"]
    events.sort(key=lambda event: str(last_seen(event)))
    for event in events[-_MOST_EVENTS:]:
        count = f" ({event['count']} times)" if event.get("count") else ""
        lines.append(f"{last_seen(event)} {event.get('type')} {event.get('reason')}: {event.get('message')}{count}")
    path = RESOURCES[kind].path(space, name)
    return [
        Evidence(
            source="kubernetes",
            kind="state",
            title=f"{kind} {name}",
            query=f"GET {path}",
            window_end=case.now,
            summary=f"{kind} {name} does not exist." if gone else f"{kind} {name} and {counted(len(events), 'event')}.",
            content="\n".join(lines),
            inventory=[] if gone else [f"{space}/{kind.lower()}/{name}" if space else f"{kind.lower()}/{name}"],
        )
    ]


def shown(one: Object) -> Object:
    """Without bookkeeping, and without the values of variables."""
    meta = {key: value for key, value in dict_of(one, "metadata").items() if key != "managedFields"}
    notes = {key: value for key, value in dict_of(meta, "annotations").items() if key != _LAST_APPLIED}
    return cast(Object, _hidden({**one, "metadata": {**meta, "annotations": notes}}))


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        one = cast(Object, value)
        return {
            key: [_named(v) for v in inner] if key == "env" and isinstance(inner, list) else _hidden(inner)
            for key, inner in one.items()
        }
    return [_hidden(inner) for inner in cast(list[Any], value)] if isinstance(value, list) else value


def _named(variable: Any) -> Any:
    one = dict_of(variable)
    return {**one, "value": "(not shown)"} if "value" in one else one

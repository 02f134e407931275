"""Makes evidence of the engine's documents, live or recorded: state, use, siblings, events, changes."""

from collections.abc import Sequence
from typing import Any

from agent_graph.sources import changes as registered
from agent_graph.sources.docker.events import Event, changes, read_event, write_events
from agent_graph.sources.docker.kin import Family, Listed, name_of
from agent_graph.sources.docker.siblings import Condition, startable, topology, write_siblings
from agent_graph.sources.docker.state import (
    describe,
    health_output,
    read_recovery,
    state_data,
    summarise,
)
from agent_graph.sources.docker.stats import Stats, read_use, role_of, write_use
from agent_graph.sources.docker.wiring import wiring
from agent_graph.sources.signs import Book
from agent_graph.wording import counted
from backend.investigation.kinds import CaseFile, Evidence

NAME = "docker"
# Who speaks where a health check of a container prints something.
HEALTH_CHECK = "health check"
_MOST_SIBLINGS, _MOST_EVENTS, _MOST_CHANGES = 50, 100, 30


def state(
    case: CaseFile,
    inspected: dict[str, Any],
    listed: Sequence[Listed],
    *,
    of_target: bool,
    engine: str = "",
    acts: bool = True,
) -> Evidence:
    """What inspect says. `engine`: who said it. `acts`: an action on this engine is possible."""
    data = state_data(inspected, of_target=of_target)
    name = data["container"]
    others = {name_of(one): str(one.get("State", "")) for one in listed if name_of(one) != name}
    data["siblings"] = dict(sorted(others.items())[:_MOST_SIBLINGS])
    book = Book(lines=[*describe(data).split("\n"), *wiring(inspected, listed)])
    if of_target:
        read_recovery(book, data, case)
        book.scope.append(name)
    if engine:
        book.say(f"engine: {engine}")
    return Evidence(
        source=NAME,
        kind="state",
        title=f"State of container {name}",
        query=f"GET /containers/{name}/json",
        window_end=case.now,
        summary=summarise(data),
        content=book.content(),
        data={**data, **book.data(), "engine": engine, "acts": acts},
        inventory=[name_of(one) for one in listed] or [name],
    )


def health(case: CaseFile, inspected: dict[str, Any]) -> list[Evidence]:
    """What the container's own health check printed when it failed: its words, not the engine's."""
    said, name = health_output(inspected), str(inspected.get("Name", "")).lstrip("/")
    if not said:
        return []
    return [
        Evidence(
            source=NAME,
            kind="log",
            title=f"Health check output of {name}",
            query=f"State.Health.Log of {name}",
            window_end=case.now,
            summary="What the container's own health check printed.",
            content=said,
            data={"container": name, "speaker": HEALTH_CHECK},
        )
    ]


def use(
    case: CaseFile,
    name: str,
    inspected: dict[str, Any],
    samples: list[Stats],
    query: str,
    *,
    of_target: bool = True,
) -> list[Evidence]:
    """What was measured, as a metric: the series is the memory, whose limit decides most.

    What another container uses is told, and means nothing for the target.
    """
    found = read_use(samples, inspected)
    if found is None:
        return []
    book = Book()
    write_use(book, found, name)
    points = [[at, used] for at, used in zip(found.at, found.memory_bytes, strict=False)]
    return [
        Evidence(
            source=NAME,
            kind="metric",
            title=f"Resource use of {name}",
            query=query,
            window_end=case.now,
            summary=book.lines[0],
            content=book.content(),
            data={
                "role": role_of(found) if of_target else "resource_use",
                "series": [{"labels": {"container": name}, "points": points}] if points else [],
                "unit": "bytes",
                "change_at": None,
                "limit": found.memory_limit_bytes,
                "signs": book.signs if of_target else [],
            },
        )
    ]


def siblings(
    case: CaseFile,
    family: Family,
    around: Sequence[Condition],
    sick_targets: Sequence[str],
    query: str,
    *,
    acts: bool = True,
) -> list[Evidence]:
    """How those around the target are; nothing where it stands alone. `acts`: an action on this engine is possible."""
    if not family.kin:
        return []
    book = Book()
    write_siblings(book, family, around, case)
    said = topology(family, around, sick_targets)
    return [
        Evidence(
            source=NAME,
            kind="state",
            title=f"Siblings of {', '.join(family.targets[:3])} in {family.group}",
            query=query,
            window_end=case.now,
            summary=said,
            content=f"{said}\n{book.content()}",
            data={
                "signs": book.signs,
                "topology": said,
                "group": family.group,
                "startable": startable(around, case) if acts else [],
            },
        )
    ]


def events(case: CaseFile, found: Sequence[Event], blank: Evidence, family: Family) -> list[Evidence]:
    """What happened to the target's containers, and what was changed around it."""
    happened = [one for event in found if (one := read_event(event)) is not None]
    own = [one for one in happened if one.name in family.targets or not one.name]
    book, evidence = Book(), list[Evidence]()
    write_events(book, own, case)
    if book.lines:
        lines = book.lines[-_MOST_EVENTS:]
        signs = [sign for sign in book.signs if sign["quote"] in lines]
        told = {
            "summary": f"{counted(len(book.lines), 'event')}.",
            "content": "\n".join(lines),
            "data": {"signs": signs},
        }
        evidence.append(blank.model_copy(update={**told, "truncated": len(lines) < len(book.lines)}))
    rows = changes(happened, family.targets, case.target.name)[-_MOST_CHANGES:]
    title = f"{blank.title}: what was changed"
    return evidence + [
        one.model_copy(update={"source": NAME, "title": title, "window_start": blank.window_start})
        for one in registered.evidence_of(case, rows, blank.query)
    ]

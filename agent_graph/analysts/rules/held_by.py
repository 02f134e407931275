"""Who holds most of the connections: as the server's own list of sessions says, or as its measurements tell by user."""

from typing import Any

from agent_graph.analysts.rules.facts import Facts
from agent_graph.sources.holders import named_like, own

# Labels that say who holds them, and not where they lead or what they do.
_WHO = (
    "application_name",
    "application",
    "app",
    "client_name",
    "usename",
    "user",
    "username",
    "role",
    "pool",
    "client",
)


def held_by(facts: Facts) -> dict[str, Any] | None:
    """`name`, `user`, `held` and `of`; None where nobody tells, or none is known by whom is measured."""
    listed = facts.platform.get("connections")
    return listed if listed else _measured(facts)


def held_by_another(facts: Facts) -> dict[str, Any] | None:
    """The same, where it is somebody else than the target."""
    held = held_by(facts)
    return held if held and not own(facts.case, held) else None


def _measured(facts: Facts) -> dict[str, Any] | None:
    """The one that has most of it, where a neighbour is called like it: a user's name alone may be the target's own."""
    whole, most = (*(m for m in facts.metrics if m.role == "pg_connections"), None, None)[:2]
    if whole is None or most is None or whole.evidence != most.evidence or most.highest > whole.highest:
        return None
    who = next((most.labels[key] for key in _WHO if most.labels.get(key)), "")
    if not who or not whole.last or not any(named_like(who, neighbour) for neighbour in facts.known):
        return None
    return {"name": who, "user": who, "held": int(most.last), "of": int(whole.last)}

"""Who is here: presence of one topic as values; every change gives the difference to tell. Pure.

Shape of states and differences: {key: {"metas": [{"phx_ref": …, …what the client tracks}]}}.
"""

from dataclasses import dataclass, field
from typing import Any

Meta = dict[str, Any]
State = dict[str, dict[str, list[Meta]]]


@dataclass(frozen=True)
class Entry:
    """One channel's presence."""

    key: str
    meta: Meta


@dataclass
class Presence:
    """The entries of a topic, by channel."""

    entries: dict[int, Entry] = field(default_factory=dict[int, Entry])

    def track(self, channel_id: int, key: str, meta: Meta) -> dict[str, State]:
        """Adds or replaces what a channel says about itself."""
        before = self.entries.get(channel_id)
        self.entries[channel_id] = after = Entry(key, meta)
        return {"joins": _state([after]), "leaves": _state([before] if before else [])}

    def untrack(self, channel_id: int) -> dict[str, State] | None:
        """Takes a channel out; None when it was not in."""
        gone = self.entries.pop(channel_id, None)
        return {"joins": {}, "leaves": _state([gone])} if gone else None

    def state(self) -> State:
        """Everybody."""
        return _state(self.entries.values())


def _state(entries: Any) -> State:
    state: State = {}
    for entry in entries:
        state.setdefault(entry.key, {"metas": []})["metas"].append(entry.meta)
    return state

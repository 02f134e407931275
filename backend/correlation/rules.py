"""What a person may put together and take apart, and why not. Pure."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from backend.incident.rules import CLOSED, COMMITTED, Refusal, Status, words

# A person reads this many in the window; more is a storm, and is shown by its kinds.
WINDOW = timedelta(minutes=10)
_STORM_INCIDENTS = 20
_STORM_ALERTS = 100


@dataclass(frozen=True, slots=True)
class Part:
    """An incident that is to be regrouped."""

    id: uuid.UUID
    number: int
    status: Status
    has_monitor: bool


def is_storm(incidents: int, alerts: int) -> bool:
    """Does more come in within the window than somebody can read one by one?"""
    return incidents >= _STORM_INCIDENTS or alerts >= _STORM_ALERTS


def may_merge(ended: Part, into: Part) -> Refusal | None:
    """May `ended` go on as a part of `into`? None: yes."""
    if ended.id == into.id:
        return Refusal("An incident cannot be merged into itself.")
    for one in (ended, into):
        if one.status in CLOSED:
            return Refusal(f"#{one.number} is {words(one.status)}; only open incidents can be merged.")
    return _committed(ended)


def may_split(incident: Part, *, staying: int) -> Refusal | None:
    """May alerts leave the incident, so many staying behind? What its monitor opened needs none. None: yes."""
    if incident.status in CLOSED:
        return Refusal("It is over; there is nothing to split.")
    if staying == 0 and not incident.has_monitor:
        return Refusal("Every alert would leave it. Leave one of another kind behind.")
    return _committed(incident)


def _committed(one: Part) -> Refusal | None:
    if one.status in COMMITTED:
        return Refusal(f"An approved action is on its way for #{one.number}; wait for its verification.")
    return None

"""An alert about a mounted image: it is full since it was made, and nobody writes to it."""

from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.sources.packed import packed
from backend.investigation.kinds import Category

_FULL = 0.95


def image_full(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Each alert is about the room in an image; of what can be written to nothing is full, and nobody complains."""
    alerts = [alert for alert in facts.case.alerts if alert.status == "firing"]
    if not alerts or facts.alert is None or facts.monitor is not None or not all(packed(a.labels) for a in alerts):
        return None
    where = [alert.labels.get("mountpoint") or alert.labels.get("device", "") for alert in alerts]
    disks = [m for m in facts.metrics if m.role == "disk"]
    others = [s for s in trouble_signals(facts) if not any(place and place in s.quote for place in where)]
    if others or set(likely) - {"disk_pressure"} or any(m.last >= _FULL for m in disks) or complains(facts):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} has no trouble: {where[0] or 'what the alert is about'} is a mounted image"
        f" ({alerts[0].labels.get('fstype') or 'read only'}), full since it was made, and nobody writes to it. Leave"
        " such filesystems out of the rule.",
        supporting=[facts.alert, *(m.cite("has room") for m in disks[:2])],
        strength="strong",
        disproof="Look at the free space of what can be written to (df -h without images).",
    )

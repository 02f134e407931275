"""disk_pressure: there is no room left to write."""

import re
from datetime import UTC, datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding, Signature, Strength
from agent_graph.analysts.rules.parts import first_at, log_citations, name, onset, said_of, trouble_signals
from agent_graph.analysts.rules.refills import about_room, refilling
from agent_graph.analysts.rules.signatures.quota_exceeded import OWN_LIMIT
from agent_graph.wording import clock
from backend.investigation.kinds import Category

_WORDS = re.compile(
    r"no space left on device|ENOSPC|disk (?:is )?full|could not extend file"
    r"|not enough (?:free )?(?:disk )?space"
    r"|no free space|insufficient disk space|database or disk is full|out of disk space"
    r"|file system .{0,30}full|flood.?stage"
    r"|unable to persist (?:on|to) disk.{0,80}space|disk resource limit alarm"
    r"|low on disk",
    re.IGNORECASE,
)


# From how much on it is believed; how much it grows in what is seen.
_FULL, _NEARLY, _GROWN, _POINTS, _MINUTES = 0.95, 0.8, 0.01, 3, 120
_SOON = timedelta(days=2)
# What comes of it. An image is not had where it is said itself that there was no room to unpack it.
_WITHOUT_ROOM: frozenset[Category] = frozenset(
    {"app_crash", "restart_loop", "config_error", "connection_exhaustion", "network_error"}
)
_UNPACKED: frozenset[Category] = frozenset({"image_pull_error"})
# A copy that cannot write down what it is sent is late, and not for what it reads or applies.
_COPIED: frozenset[Category] = frozenset({"replication_lag"})
_RELAYED = re.compile(r"relay[-_ ]?(?:log|bin)|pg_wal|walreceiver|wal receiver|replica|standby", re.IGNORECASE)
_LAYER = re.compile(r"\b(?:pull|layers?|unpack|extract)", re.IGNORECASE)


def match(facts: Facts) -> Finding | None:
    """The words, or a filesystem at 95 % and more; at less where it fills up and an alert was written for it."""
    lines, disk = facts.matching(_WORDS, any_level=True), facts.metric("disk")
    if not lines and facts.matching(OWN_LIMIT):
        # What a store allows itself is full, not the disk that it lies on: more room there would not help.
        return None
    full = disk is not None and disk.last >= _FULL
    filling = disk is not None and not full and disk.last >= _NEARLY and about_room(facts) and _fills(disk)
    if filling and disk is not None and not lines:
        return _filling(facts, disk)
    if not full and not lines and (again := refilling(facts)) is not None:
        return _filling(facts, again)
    if not lines and not full:
        return None
    signals = trouble_signals(facts) + ([disk.cite("the filesystem is full")] if full and disk else [])
    strength: Strength = "proof" if full and lines else "strong" if signals else "weak"
    what = f": {said_of(lines[0], _WORDS)}" if lines else ""
    beside = {line.speaker for line in facts.around} - {""}
    who = lines[0].speaker if lines and all(line.speaker in beside for line in lines) else name(facts)
    return Finding(
        category="disk_pressure",
        statement=f"{who} has no disk space left to write{what}.",
        supporting=[*(log_citations(lines) if lines else []), *signals],
        strength=strength,
        onset=onset(first_at(lines), disk.change_at if disk else None, _full_since(disk) if full and disk else None),
        disproof="Look at the free space of the filesystem it writes to (df -h, df -i).",
        explains=_WITHOUT_ROOM
        | (_UNPACKED if any(_LAYER.search(line.text) for line in lines) else frozenset())
        | (_COPIED if any(_RELAYED.search(line.text) for line in lines) else frozenset()),
    )


def _full_since(disk: Metric) -> datetime | None:
    """When it got full, where that was seen."""
    first = next((at for at, value in disk.points if value >= _FULL), disk.points[0][0])
    return datetime.fromtimestamp(first, UTC) if first > disk.points[0][0] else None


def _filling(facts: Facts, disk: Metric) -> Finding:
    """It is not full yet: how full it is, and when it will be at this pace."""
    (began, first), (ended, last) = disk.points[0], disk.points[-1]
    left = timedelta(seconds=(1 - last) * (ended - began) / max(last - first, 1e-9))
    soon = f", at this pace full in {_about(left)}" if left <= _SOON else ""
    return Finding(
        category="disk_pressure",
        statement=f"{name(facts)} runs out of disk space: {last:.0%} used, {first:.0%} at "
        f"{clock(datetime.fromtimestamp(began, UTC), seconds=False)}{soon}.",
        supporting=[disk.cite("it fills up"), *([facts.alert] if facts.alert else [])],
        strength="strong",
        disproof="Look at the free space again: no less than before would rule it out.",
        explains=frozenset({"slow_query", "replication_lag"}),
        rooted=True,
    )


def _fills(disk: Metric) -> bool:
    """Is it fuller at the end of each third than at the end of the one before? What comes and goes is not."""
    values = [value for _, value in disk.points]
    third = len(values) // 3
    parts = [values[:third], values[third : 2 * third], values[2 * third :]]
    if third < _POINTS:
        return False
    lows, highs = [min(part) for part in parts], [max(part) for part in parts]
    return values[-1] - values[0] >= _GROWN and lows == sorted(lows) and highs == sorted(highs)


def _about(left: timedelta) -> str:
    minutes = left.total_seconds() / 60
    return f"{minutes:.0f} minutes" if minutes < _MINUTES else f"{minutes / 60:.0f} hours"


SIGNATURE = Signature("disk_pressure", "ENOSPC, or a filesystem over 95 %", ("permission_denied",), match)

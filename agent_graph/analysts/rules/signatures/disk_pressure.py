"""disk_pressure: there is no room left to write."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature, Strength
from agent_graph.analysts.rules.parts import first_at, log_citations, name, onset, said, trouble_signals

_WORDS = re.compile(
    r"no space left on device|ENOSPC|disk (?:is )?full|disk quota exceeded|EDQUOT|could not extend file"
    r"|not enough (?:free )?(?:disk )?space"
    r"|no free space|insufficient disk space|database or disk is full|out of disk space"
    r"|file system .{0,30}full|flood.?stage"
    r"|mvcc: database space exceeded|unable to persist (?:on|to) disk.{0,80}space|disk resource limit alarm"
    r"|low on disk",
    re.IGNORECASE,
)


def match(facts: Facts) -> Finding | None:
    """The words, or a filesystem at 95 % and more."""
    lines, disk = facts.matching(_WORDS, any_level=True), facts.metric("disk")
    full = disk is not None and disk.last >= 0.95
    if not lines and not full:
        return None
    signals = trouble_signals(facts) + ([disk.cite("the filesystem is full")] if full and disk else [])
    strength: Strength = "proof" if full and lines else "strong" if signals else "weak"
    what = f": {said(lines[0])}" if lines else ""
    return Finding(
        category="disk_pressure",
        statement=f"{name(facts)} has no disk space left to write{what}.",
        supporting=[*(log_citations(lines) if lines else []), *signals],
        strength=strength,
        onset=onset(first_at(lines), disk.change_at if disk else None),
        disproof="Look at the free space of the filesystem it writes to (df -h, df -i).",
        explains=frozenset({"app_crash", "restart_loop", "config_error", "connection_exhaustion", "network_error"}),
    )


SIGNATURE = Signature("disk_pressure", "ENOSPC, or a filesystem over 95 %", ("permission_denied",), match)

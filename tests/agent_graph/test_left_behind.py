"""Who was switched off in order after its work had moved is missed by nobody; who fell, or whose heir is away, is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.left_behind import left_behind
from tests.agent_graph.cases import BEGAN, alert, case

GONE = BEGAN - timedelta(minutes=5)
MOVED = "migration wiki: wiki.intern moved from wiki-old to wiki-k2, copy kept for two weeks"
OFF, PAGE = "systemd-logind: System is powering down.", 'probe_success{instance="https://wiki.intern/"}'
HEIR = 'up{instance="wiki-k2.intern:9100"}'
# what was registered, how many days before, what is said as it goes, what else is measured, from when on that is
# away (in minutes after the alert began), and whether nobody misses it
GOES: dict[str, tuple[str, float, str, str, float | None, bool]] = {
    "its page is served": (MOVED, 14, OFF, PAGE, None, True),
    "its heir is there": (MOVED, 14, OFF, HEIR, None, True),
    "in other words": (
        "dns wiki: traffic switched from wiki-old to wiki-k2",
        14,
        "Reached target poweroff.target",
        HEIR,
        None,
        True,
    ),
    "replaced": ("ticket wiki-old: wiki-old was replaced by wiki-k2", 14, OFF, HEIR, None, True),
    "nobody registered it": ("migration wiki: wiki-k2 gets more memory", 14, OFF, PAGE, None, False),
    "a mere arrow": ("config wiki: streaming replication wiki-old -> wiki-k2 set up", 14, OFF, HEIR, None, False),
    "its dumps moved": ("migration wiki: nightly dumps moved from wiki-old to wiki-k2", 14, OFF, HEIR, None, False),
    "dumps of its address": (
        "migration wiki: backup of wiki.intern moved from wiki-old to wiki-k2",
        14,
        OFF,
        HEIR,
        None,
        False,
    ),
    "rolled back": (f"{MOVED}, rolled back at 14:20", 14, OFF, HEIR, None, False),
    "not done yet": ("migration wiki: wiki.intern will be moved from wiki-old to wiki-k2", 14, OFF, HEIR, None, False),
    "as a replica": ("ticket wiki: wiki-old was replaced by wiki-k2 as replica", 14, OFF, HEIR, None, False),
    "moved to it": ("migration wiki: wiki.intern moved from wiki-k1 to wiki-old", 14, OFF, PAGE, None, False),
    "moved as it fell": (MOVED, 0, OFF, PAGE, None, False),
    "it starts anew": (MOVED, 14, "systemd-logind: System is rebooting.", PAGE, None, False),
    "it fell": (MOVED, 14, "ipmi: power loss detected, powering down", PAGE, None, False),
    "it says nothing": (MOVED, 14, "GET / 200", PAGE, None, False),
    "its page is away, too": (MOVED, 14, OFF, PAGE, -5, False),
    "its heir went later": (MOVED, 14, OFF, HEIR, 3, False),
    "nobody measures its heir": (MOVED, 14, OFF, 'up{instance="db-1.intern:9100"}', None, False),
}


def _metric(line: str, away: float | None, label: str) -> Metric:
    points = [(BEGAN.timestamp() + 60 * n, 0.0 if away is not None and n >= away else 1.0) for n in range(-30, 10)]
    turned = None if away is None else datetime.fromtimestamp(BEGAN.timestamp() + 60 * away, UTC)
    role = "up" if line.startswith("up") else "probe"
    return Metric(label, role, f"{line}: 1 → {points[-1][1]:g}", points, None, turned)


def _facts(name: str) -> Facts:
    said, days, goes, line, away, _ = GOES[name]
    own = _metric('up{instance="wiki-old.intern:9100"}', -5, "E1")
    platform = _metric('up{id="qemu/214"}', -4, "E1")
    change = LogLine("E2", said, said, None, BEGAN - timedelta(days=days), 1)
    told = LogLine("E3", goes, goes, None, GONE - timedelta(seconds=20), 1)
    signs = [Sign("E1", "prometheus", "trouble", "strong", one.line, "up", GONE, "away") for one in (own, platform)]
    measured = [own, platform, _metric(line, away, "E4")]
    facts = Facts(case("wiki-old.intern", source_type="host", alerts=[alert()]), signs=signs, metrics=measured)
    return replace(facts, lines=[told], changes=[change])


@pytest.mark.parametrize("name", GOES)
def test_who_has_no_work_any_more_may_be_switched_off(name: str):
    assert (left_behind(_facts(name), []) is not None) == GOES[name][-1]


@pytest.mark.parametrize("later", ["wiki.intern moved from wiki-k2 to wiki-old", "move to wiki-k2 reverted"])
def test_who_got_its_work_back_is_missed(later: str):
    facts, at = _facts("its page is served"), BEGAN - timedelta(days=3)
    back = LogLine("E2", f"migration wiki: {later}", f"migration wiki: {later}", None, at, 1)
    assert left_behind(replace(facts, changes=[*facts.changes, back]), []) is None


def test_whatever_else_is_wrong_is_not_explained_by_it():
    facts = _facts("its page is served")
    trouble = Sign("E5", "prometheus", "trouble", "strong", "errors: 0 → 9", "wiki", BEGAN, "too many")
    assert left_behind(facts, ["disk_pressure"]) is None
    assert left_behind(replace(facts, signs=[*facts.signs, trouble]), []) is None

"""Kept from its work by a setting that it names itself: mostly one of a maintenance that was never taken back."""

import re
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said

# Whatever level it has: who obeys a setting does not call it an error.
_BY_SETTING = re.compile(
    r"\b(?:forbidden|not allowed|disallowed|prevented|blocked|rejected|disabled|denied|suspended|paused|skipped)\b"
    r".{0,60}?\b(?:due to|because of|because|by|since|as)\b.{0,60}?(?:\b(?:setting|configuration|option|parameter)\b"
    r"|\[?[a-z][^\W_]*(?:[._-]+[^\W_]+)+ ?(?:=|is) ?(?:none|off|false|disabled|primaries|new_primaries|true|on|0|1)\b)"
    r"|\b(?:noout|norebalance|nobackfill|norecover|noin|nodown|pause(?:rd|wr)?)\b flag\(s\) set",
    re.IGNORECASE,
)
# A setting's name, and what it was set to.
_NAMED = re.compile(r"[A-Za-z][^\W_]*(?:[._-]+[^\W_]+)+")
_SET = re.compile(r"\b(?:updat|chang|set(?:ting)?\b|switch|turn|put)\w*\b.{0,120}\bto\b", re.IGNORECASE)
_WORK = re.compile(r"maintenance|upgrade|restart|patch|migrat|reboot|rolling|window", re.IGNORECASE)
# What is only asked where the first way fails: that it is switched off is not why that one fails.
_SECOND_WAY = re.compile(r"\bfall(?:ing|s)?[- ]?back|\bhedg(?:e|ing)", re.IGNORECASE)
_OFTEN, _STILL = 3, timedelta(minutes=15)
_BEFORE = timedelta(hours=6)


def held_back(facts: Facts) -> Finding | None:
    """It says again and again, up to now, that a setting forbids what it would do, while an alert misses that."""
    lines = [line for line in facts.lines if line.at is not None and _is_held(line)]
    lines.sort(key=lambda line: line.at or facts.case.now)
    often = max((line.count for line in lines), default=0)
    if facts.alert is None or max(often, len(lines)) < _OFTEN or not _goes_on(lines[-1], facts):
        return None
    first = lines[0]
    settings = [found.lower() for found in _NAMED.findall(first.message) if "." in found or "_" in found]
    turned = [line for line in [*facts.lines, *facts.usual, *facts.changes] if _sets(line, settings, first)][-1:]
    work = [
        c
        for c in facts.changes
        if _WORK.search(c.message) and c.at and first.at and -_BEFORE <= c.at - first.at <= timedelta()
    ]
    stays = next((m for m in facts.metrics if _stays(m, first)), None)
    told = "; ".join(said(line, 220) for line in [*turned, *work[-1:]])
    return Finding(
        category="config_error",
        statement=f"{name(facts)} is kept from it by a setting, still in force: {said(first, 240)}"
        f"{f'. Before that: {told}' if told else ''}.",
        supporting=[
            first.cite("the setting, in its own words"),
            *(line.cite("when it was set") for line in turned),
            *([stays.cite("so since then")] if stays else []),
            *(line.cite("what it was set for") for line in work[-1:]),
            facts.alert,
        ],
        strength="strong" if stays is not None or turned else "weak",
        onset=first.at,
        rooted=True,
        disproof="Set it back: if nothing moves then, the setting was not what kept it.",
    )


def _is_held(line: LogLine) -> bool:
    return _BY_SETTING.search(line.message) is not None and not _SECOND_WAY.search(line.message)


def _goes_on(line: LogLine, facts: Facts) -> bool:
    until = facts.heard_until or facts.case.now
    return line.at is not None and (until - line.at <= _STILL or line.count >= _OFTEN)


def _sets(line: LogLine, settings: list[str], first: LogLine) -> bool:
    before = line.at is None or first.at is None or line.at <= first.at
    return before and _SET.search(line.message) is not None and any(one in line.message.lower() for one in settings)


def _stays(metric: Metric, first: LogLine) -> bool:
    """Did it turn about when the setting was in force, and is it no better since?"""
    if metric.change_at is None or first.at is None or metric.limit is not None:
        return False
    return abs(metric.change_at - first.at) <= _BEFORE and metric.last >= metric.highest > metric.points[0][1]

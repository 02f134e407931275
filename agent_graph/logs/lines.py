"""One log line: its time, its level, what it says. Understands the common shapes; never fails on the others."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast

import orjson

Level = Literal["fatal", "error", "warning", "info", "debug"]

# ISO 8601 (also Docker's nanoseconds, Python's comma), in brackets or not; repeated when a collector adds its own.
_ISO = r"\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?\]?"
LEADING_TIME = re.compile(rf"^(?:{_ISO}[ \t]?)+(?:[ ]*-[ ]+)?")
_TIME = re.compile(
    r"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|UTC|[+-]\d\d:?\d\d))?"
)
_LEVEL = re.compile(
    # Bytes that are no text stand before it as U+FFFD.
    r"(?:^|[\s\[(\"=|<:\ufffd])"
    r"(?:(fatal|panic|critical|crit|emerg|emergency|alert)|(error|err|severe|exception)|(warn|warning)|(info"
    r"|notice|log|information)"
    r"|(debug|trace|verbose))(?=[\s\])\",|>:]|$)",
    re.IGNORECASE,
)
_JSON_LEVEL = re.compile(r"\"(?:level|severity|lvl|log\.level|levelname)\"\s*:\s*\"?(\w+)", re.IGNORECASE)
_LOGFMT_LEVEL = re.compile(r"\b(?:level|severity|lvl)=\"?(\w+)", re.IGNORECASE)
_KLOG = re.compile(r"^([FEWI])\d{4} \d\d:\d\d:\d\d")
_WORDS: dict[str, Level] = {
    **dict.fromkeys(("fatal", "panic", "critical", "crit", "emerg", "emergency", "alert", "60"), "fatal"),
    **dict.fromkeys(("error", "err", "severe", "exception", "50"), "error"),
    **dict.fromkeys(("warn", "warning", "40"), "warning"),
    **dict.fromkeys(("info", "notice", "log", "information", "30"), "info"),
    **dict.fromkeys(("debug", "trace", "verbose", "20", "10"), "debug"),
}
_KLOG_LEVELS: dict[str, Level] = {"F": "fatal", "E": "error", "W": "warning", "I": "info"}
_MESSAGE_KEYS = ("message", "msg", "error", "err", "exception", "log", "event", "detail")


@dataclass(frozen=True, slots=True)
class Line:
    """A parsed line. `text` is the line as it stands; `message` is what it says without time and wrapping."""

    text: str
    at: datetime | None
    level: Level | None
    message: str


def body(text: str) -> str:
    """The line without the times it starts with."""
    match = LEADING_TIME.match(text)
    return text[match.end() :] if match else text


def time_of(text: str) -> datetime | None:
    """The first time in the line's first 80 characters, in UTC when it names no zone."""
    match = _TIME.search(text, 0, 80)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    iso = f"{year}-{month}-{day}T{hour}:{minute}:{second}.{(fraction or '0')[:6].ljust(6, '0')}"
    offset = "+00:00" if zone in (None, "Z", "UTC") else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    try:
        return datetime.fromisoformat(iso + offset).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def level_of(text: str) -> Level | None:
    """The level the line gives itself, looked for where loggers put it."""
    head = text[:400]
    for pattern in (_JSON_LEVEL, _LOGFMT_LEVEL):
        match = pattern.search(head)
        if match and match[1].lower() in _WORDS:
            return _WORDS[match[1].lower()]
    rest = body(head)
    if match := _KLOG.match(rest):
        return _KLOG_LEVELS[match[1]]
    match = _LEVEL.search(rest[:120])
    return _WORDS[next(word for word in match.groups() if word).lower()] if match else None


def parse(text: str) -> Line:
    """Everything about one line."""
    rest = body(text)
    return Line(text, time_of(text), level_of(text), _json_message(rest) or rest.strip())


def _json_message(text: str) -> str | None:
    if not text.startswith("{"):
        return None
    try:
        parsed: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(parsed, dict):
        return None
    fields = cast(dict[str, Any], parsed)
    said = [str(fields[key]) for key in _MESSAGE_KEYS if fields.get(key)]
    return " — ".join(dict.fromkeys(said)) or None

"""One log line: its time, its level, what it says. Understands the common shapes; never fails on the others."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import orjson

from agent_graph.logs.levels import Level, body, level_of, unwrapped
from backend.redaction.redact import redact

_TIME = re.compile(
    r"(\d{4})[-/.](\d\d)[-/.](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|UTC|[+-]\d\d:?\d\d))?"
)
# 01/May/2024:10:00:00 +0200 (access logs), 01 May 2024 10:00:00.123 (Redis).
_NAMED_TIME = re.compile(
    r"(\d\d)[ /]([A-Z][a-z]{2})[ /](\d{4})[: ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?: ([+-]\d\d)(\d\d))?"
)
_MONTHS = {name: n for n, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)}
# Seconds or milliseconds since 1970 in a JSON line.
_UNIX = re.compile(
    r"\"(?:ts|time|timestamp|@timestamp|timeMillis)\"\s*:\s*(1[5-9]\d{8}|2\d{9})(\d{3})?(?:\.(\d{1,6}))?\d*\s*[,}]"
)
# Who said it, where lines of several streams stand together: in brackets, after the time.
STREAM = re.compile(r"^(\S+ )?\[([^\]]{1,120})\] ")
_MESSAGE_KEYS = (
    *("message", "msg", "@m", "@mt", "short_message", "textpayload", "error", "err", "error_message", "exception"),
    *("@x", "log", "event", "detail", "details", "reason", "cause"),
)
# Where some keep all but the message, and what an error says of itself (MongoDB: errmsg).
_ATTRIBUTES = ("attr", "attrs", "attributes")
_OF_ERRORS = ("type", "name", "code", "message", "msg", "errmsg")
# What clients of others' interfaces keep of the answer: as an object it holds what the other side said.
_ANSWERS = ("raw", "response", "body")
_TOLD = ("message", "error_description", "detail")
_LOGFMT = re.compile(r"(?:^|\s)(?:msg|message|err|error)=(?:\"((?:[^\"\\]|\\.){1,500})\"|(\S+))")


@dataclass(frozen=True, slots=True)
class Line:
    """A parsed line. `text` is the line as it stands; `message` is what it says without time and wrapping."""

    text: str
    at: datetime | None
    level: Level | None
    message: str


def time_of(text: str) -> datetime | None:
    """The first time in the line's first 80 characters, in UTC when it names no zone."""
    match = _TIME.search(text, 0, 80)
    if match is None:
        return _other_time(text)
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    iso = f"{year}-{month}-{day}T{hour}:{minute}:{second}.{(fraction or '0')[:6].ljust(6, '0')}"
    offset = "+00:00" if zone in (None, "Z", "UTC") else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    return _moment(iso + offset)


def _other_time(text: str) -> datetime | None:
    if match := _NAMED_TIME.search(text, 0, 80):
        day, month, year, hour, minute, second, fraction, zone, minutes = match.groups()
        if month not in _MONTHS:
            return None
        clock = f"{hour}:{minute}:{second}.{(fraction or '0').ljust(6, '0')}"
        return _moment(f"{year}-{_MONTHS[month]:02}-{day}T{clock}{zone or '+00'}:{minutes or '00'}")
    if text[:1] == "{" and (match := _UNIX.search(text, 0, 2_000)):
        return datetime.fromtimestamp(float(f"{match[1]}.{match[2] or match[3] or 0}"), UTC)
    return None


def _moment(iso: str) -> datetime | None:
    try:
        return datetime.fromisoformat(iso).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def parse(text: str) -> Line:
    """Everything about one line."""
    rest = body(text)
    return Line(
        text, time_of(text), level_of(text), _json_message(rest) or _logfmt_message(rest) or unwrapped(rest).strip()
    )


def fields_of(text: str) -> dict[str, Any] | None:
    """The object that a JSON line is."""
    if not text.startswith("{"):
        return None
    try:
        parsed: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return cast(dict[str, Any], parsed) if isinstance(parsed, dict) else None


def _json_message(text: str) -> str | None:
    parsed = fields_of(text)
    if parsed is None:
        return None
    fields = {key.lower(): value for key, value in parsed.items()}
    answered = [_answer(fields.get(key)) for key in _ANSWERS]
    beside = (cast(dict[str, Any], fields[key]) for key in _ATTRIBUTES if isinstance(fields.get(key), dict))
    failed = [_plain(more.get(key)) for more in beside for key in ("error", "err")]
    said = filter(None, [*(_plain(fields.get(key)) for key in _MESSAGE_KEYS), *failed, *answered])
    message = " — ".join(dict.fromkeys(said))
    # What JSON escapes is hidden from redaction until here: password\u003d…
    return (redact(message) if "\\u" in text else message) or None


def _plain(value: Any) -> str:
    """A text field; of an error object what it says, not its stack."""
    if isinstance(value, dict):
        fields = cast(dict[str, Any], value)
        return " ".join(str(fields[key]) for key in _OF_ERRORS if fields.get(key))
    return str(value) if value else ""


def _answer(value: Any, depth: int = 2) -> str:
    """What the other side said, as an object or as the text of one, where it said something: that it is code 200 is no
    message."""
    told = fields_of(value) if isinstance(value, str) else value
    if not isinstance(told, dict) or not depth:
        return ""
    fields = cast(dict[str, Any], told)
    said = next((text for key in _TOLD if isinstance(text := fields.get(key), str) and text), "")
    errors: Any = fields.get("errors")
    first: Any = cast(list[Any], errors)[0] if isinstance(errors, list) and errors else None
    return said or _answer(fields.get("error"), depth - 1) or _answer(first, depth - 1)


def _logfmt_message(text: str) -> str | None:
    if "msg=" not in text and "message=" not in text:
        return None
    said = [quoted or bare for quoted, bare in _LOGFMT.findall(text)]
    return " — ".join(dict.fromkeys(said)) or None

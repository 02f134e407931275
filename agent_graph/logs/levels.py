"""The level a line gives itself: logger words, JSON and logfmt fields, klog and syslog letters, access log status."""

import re
from typing import Literal

Level = Literal["fatal", "error", "warning", "info", "debug"]

_FATAL = "fatal|panic|dpanic|critical|crit|emerg|emergency|alert|fata|ftl|pnc"
_ERROR = "error|err|erro|eror|severe|exception"
_WARNING = "warn|warning|wrn"
_INFO = "info|notice|information|inf"
_DEBUG = "debug|trace|verbose|dbg|trc"
# As a logger writes it: in capitals, in brackets or quotes, or the first word of the line. Only words of trouble count
# anywhere else: "could not rotate log", "printing stack trace" and "ssl alert" are not about the line itself.
# Bytes that are no text stand before it as U+FFFD.
_END = r"(?=[\s\])\",|>:!\[]|$)"
_LEVEL = re.compile(
    rf"(?:^|[\[(<|=\"\ufffd])\s*(?:(?i:(?P<fatal1>{_FATAL})|(?P<error1>{_ERROR}|fail)|(?P<warning1>{_WARNING})"
    rf"|(?P<info1>{_INFO})|(?P<debug1>{_DEBUG}))(?=\s*[\])|>:\[\",]|\s{{2,}}|\t)"
    rf"|(?:(?P<fatal2>fatal|panic)|(?P<error2>error)|(?P<warning2>warn|warning)|(?P<info2>info)|(?P<debug2>debug))\s)"
    rf"|(?:^|[\s\[(\"=|<:\ufffd])(?:(?P<fatal3>{_FATAL.upper()})|(?P<error3>{_ERROR.upper()})"
    rf"|(?P<warning3>{_WARNING.upper()})|(?P<info3>{_INFO.upper()}|LOG)|(?P<debug3>{_DEBUG.upper()})){_END}"
    # Monolog's channel before it: app.WARNING:
    rf"|\.(?:(?P<fatal5>{_FATAL.upper()})|(?P<error5>{_ERROR.upper()})|(?P<warning5>{_WARNING.upper()})"
    rf"|(?P<info5>{_INFO.upper()})|(?P<debug5>{_DEBUG.upper()})):"
    rf"|(?:^|[\s\[(\"=|<:\ufffd])(?i:(?P<fatal4>fatal|panic)|(?P<error4>error|err|severe|exception)|(?P<warning4>warning)){_END}"
)
# PostgreSQL's own, in its log of JSON; whoever passes that on says only that it did.
_OF_A_RECORD = re.compile(r"\"error_severity\"\s*:\s*\"(\w+)")
_JSON_LEVEL = re.compile(
    r"\"(?:level|severity|lvl|log\.?level|levelname|level_name|severity_?text|@l)\"\s*:\s*\"?(\w+)", re.IGNORECASE
)
# MongoDB's one letter.
_LETTER = re.compile(r"\"s\"\s*:\s*\"([FEWID])\"")
_LOGFMT_LEVEL = re.compile(r"\b(?:level|severity|lvl|loglevel)=\"?(\w+)", re.IGNORECASE)
_KLOG = re.compile(r"^([FEWI])\d{4} \d\d:\d\d:\d\d")
# A request and its status, as Apache, nginx, Envoy and their kin write it.
_ACCESS = re.compile(r"\"[A-Z]{3,7} [^\"]{0,300}\"\s+(\d{3})\b")
_WORDS: dict[str, Level] = {
    **dict.fromkeys((*_FATAL.split("|"), "60"), "fatal"),
    **dict.fromkeys((*_ERROR.split("|"), "50"), "error"),
    **dict.fromkeys((*_WARNING.split("|"), "40"), "warning"),
    **dict.fromkeys((*_INFO.split("|"), "log", "30"), "info"),
    **dict.fromkeys((*_DEBUG.split("|"), "20", "10"), "debug"),
}
# PHP-FPM says everything of its children as a notice or a warning of its own; what they said stands behind.
_WRAPPED = re.compile(r"PHP message: |said into std(?:err|out): \"")
_LETTERS: dict[str, Level] = {"F": "fatal", "E": "error", "W": "warning", "I": "info", "D": "debug"}

# ISO 8601 (also Docker's nanoseconds, Python's comma), in brackets or not; repeated when a collector adds its own.
_ISO = r"\[?\d{4}[-/.]\d\d[-/.]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?\]?"
_CLOCK = r"\[?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\]?(?![\d:])"
_NAMED = r"\d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d(?:\.\d{1,6})?"
LEADING_TIME = re.compile(rf"^(?:(?:{_ISO}|{_CLOCK}|{_NAMED})[ \t]?)+(?:[ ]*-[ ]+)?")


def body(text: str) -> str:
    """The line without the times it starts with."""
    match = LEADING_TIME.match(text)
    return text[match.end() :] if match else text


def unwrapped(text: str) -> str:
    """What a child said, without its keeper's words before it."""
    while found := _WRAPPED.search(text, 0, 200):
        text = text[found.end() :]
    return text


def level_of(text: str) -> Level | None:
    """The level the line gives itself, looked for where loggers put it."""
    head = text[:400]
    if wrapped := _WRAPPED.search(head, 0, 120):
        return level_of(head[wrapped.end() :])
    for pattern in (_OF_A_RECORD, _JSON_LEVEL, _LOGFMT_LEVEL):
        match = pattern.search(head)
        if match and match[1].lower() in _WORDS:
            return _WORDS[match[1].lower()]
    rest = body(head)
    if match := _KLOG.match(rest) or _LETTER.search(rest[:120]):
        return _LETTERS[match[1]]
    if match := _ACCESS.search(rest):
        return "error" if match[1] >= "500" else "info" if match[1] < "400" else None
    match = _LEVEL.search(rest[:120])
    if match is None or match.lastgroup is None:
        return None
    return match.lastgroup[:-1]  # pyright: ignore[reportReturnType]

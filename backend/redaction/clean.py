"""Strips what a reader cannot see and a terminal or model would obey: escapes, control, zero-width, bidi characters."""

import re

_ANSI = re.compile(
    r"\x1b\[[0-9;?:]*[ -/]*[@-~]"  # colours and cursor
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles, links, device strings
    r"|\x1b[ -/]*[0-~]"
    r"|\x9b[0-9;?:]*[ -/]*[@-~]"
)
# The body of a character class. Tab and newline stay. Lone surrogates cannot be stored, tags (U+E0000…) are a known way
# to smuggle text.
INVISIBLE = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
# The same of ASCII, which most text is made of: five times as fast.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def clean(text: str) -> str:
    """The visible text, with \\n line ends. A bare carriage return (progress bars) ends a line, too."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x1b" in text or "\x9b" in text:
        text = _ANSI.sub("", text)
    return (_CONTROL if text.isascii() else _INVISIBLE).sub("", text)


def one_line(text: str, limit: int = 300) -> str:
    """Cleaned, on one line, no longer than `limit`."""
    flat = " ".join(clean(text).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"

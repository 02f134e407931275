"""A team's own secrets, by patterns that it writes: searched in linear time, whatever the pattern and the text."""

from collections.abc import Sequence
from typing import Any

import re2

from backend.errors import Invalid
from backend.redaction.redact import HIDDEN

# RE2 never backtracks, but unrolls counted repetitions when it compiles: this bounds what each character may cost.
_MOST_MEMORY_BYTES = 1 << 16
_MOST_PATTERN_CHARS = 500
_ORDINARY = "INFO server started on port 8080"

# A compiled pattern; the library ships no types.
Pattern = Any


class BadPattern(Invalid):
    """This is no pattern that hides a secret and nothing else."""

    code = "bad_pattern"


def compile_pattern(pattern: str) -> Pattern:
    """Raises BadPattern. No look-around and no back-references: they cannot be had in linear time."""
    if not 0 < len(pattern) <= _MOST_PATTERN_CHARS:
        raise BadPattern(f"A pattern has between 1 and {_MOST_PATTERN_CHARS} characters.")
    options: Any = re2.Options()
    options.max_mem, options.log_errors = _MOST_MEMORY_BYTES, False
    try:
        compiled: Any = re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        said: Any = error.args[0]
        why = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise BadPattern(
            f"The pattern cannot be used: {why}. RE2 syntax; no look-around, no back-references."
        ) from None
    if compiled.search("") is not None:
        raise BadPattern("The pattern matches the empty text; it would hide nothing, everywhere.")
    if compiled.fullmatch(_ORDINARY) is not None:
        raise BadPattern("The pattern matches ordinary lines from end to end; nothing would be left to read.")
    return compiled


def hide(text: str, patterns: Sequence[Pattern]) -> str:
    """The text without what the patterns match; of a pattern with a group, only what its first group matched."""
    for pattern in patterns:
        kept: list[str] = []
        at = 0
        for match in pattern.finditer(text):
            start, end = match.span(1) if pattern.groups and match.span(1)[0] >= 0 else match.span()
            if start < at or text[start:end] == HIDDEN:
                continue
            kept += [text[at:start], HIDDEN]
            at = end
        text = "".join([*kept, text[at:]]) if kept else text
    return text

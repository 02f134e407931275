"""The one door evidence comes through: redacted, cleaned and capped, whatever its source did."""

import math
from collections.abc import Sequence
from typing import Any, cast

from backend.investigation.kinds import Evidence
from backend.redaction.clean import clean
from backend.redaction.patterns import Pattern, hide
from backend.redaction.redact import redact, redact_member

MAX_CONTENT = 200_000
MAX_TEXT = 2_000
MAX_INVENTORY = 500
_PIECE = 200_000
_PLAIN = (int, float)
CUT = "\n⋯ cut here: the answer was longer; ask for a shorter window or a filter."


def safe_text(text: str, limit: int = MAX_TEXT, patterns: Sequence[Pattern] = ()) -> str:
    """Cleaned, redacted, capped. `patterns`: what the team wants hidden, too."""
    text = hide(redact(clean(text[: limit * 2])), patterns)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def safe_log(raw: bytes) -> str:
    """A log as text, cleaned and redacted. In pieces: one regex over megabytes keeps every other task waiting."""
    pieces: list[str] = []
    start = 0
    while start < len(raw):
        end = raw.find(b"\n", start + _PIECE) + 1 or len(raw)
        pieces.append(clean(raw[start:end].decode("utf-8", "replace")))
        start = end
    return redact("".join(pieces))


def sanitize(found: Evidence, patterns: Sequence[Pattern] = ()) -> Evidence:
    """The same evidence, fit to be stored and shown."""

    def safe(text: str, limit: int = MAX_TEXT) -> str:
        return safe_text(text, limit, patterns)

    content = hide(redact(clean(found.content)), patterns)
    too_long = len(content) > MAX_CONTENT
    return found.model_copy(
        update={
            "title": safe(found.title, 300),
            "query": safe(found.query, 4_000),
            "summary": safe(found.summary),
            "content": content[:MAX_CONTENT] + CUT if too_long else content,
            "error": safe(found.error) if found.error else None,
            "data": safe_json(found.data, patterns),
            "truncated": found.truncated or too_long,
            "inventory": [safe(name, 255) for name in found.inventory[:MAX_INVENTORY]],
        }
    )


def safe_json(value: Any, patterns: Sequence[Pattern] = (), limit: int = MAX_TEXT) -> Any:
    """The same structure with every text in it safe, and no number that JSON does not know."""
    if isinstance(value, str):
        return safe_text(value, limit, patterns)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        told = {str(key): item for key, item in cast(dict[Any, Any], value).items()}
        return {safe_text(key, 255, patterns): _member(key, item, told, patterns, limit) for key, item in told.items()}
    if isinstance(value, list | tuple):
        items = cast(Sequence[Any], value)
        # Series are thousands of whole or finite numbers: those are asked about here, without a call for each.
        return [i if i.__class__ in _PLAIN and i - i == 0 else safe_json(i, patterns, limit) for i in items]
    return value


def _member(key: str, value: Any, whole: dict[str, Any], patterns: Sequence[Pattern], limit: int) -> Any:
    """What its own name calls secret is hidden, and so is the value of {"name": "DB_PASSWORD", "value": …}."""
    if not isinstance(value, str):
        return safe_json(value, patterns, limit)
    named = whole.get("name") if key == "value" else key
    return safe_text(redact_member(str(named or key), value[: limit * 2]), limit, patterns)

"""Puts untrusted text before a model: JSON, inside a fence whose mark nobody can guess."""

import json
import secrets
from collections.abc import Mapping
from typing import Any


def new_mark() -> str:
    """A mark for one prompt. Text that was written before it existed cannot contain it."""
    return secrets.token_hex(8)


def fence(name: str, payload: Mapping[str, Any] | list[Any], mark: str) -> str:
    """`payload` as JSON between two lines that carry the mark; JSON keeps line breaks and quotes inside its strings."""
    body = json.dumps(payload, ensure_ascii=False, default=str, separators=(",", ":"))
    return f"<data {name} {mark}>\n{body}\n</data {name} {mark}>"

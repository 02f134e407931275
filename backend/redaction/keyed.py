"""Secrets that are names of members: {"tokens": {"9f86d081…": {"user": "bob"}}}. Only where the object says so."""

import re

from backend.redaction.glance import finder
from backend.redaction.shapes import HIDDEN

_objects = finder(r"(?i)(?:tokens|api[_-]?keys|access[_-]?keys|passwords)\\*[\"']\s*:\s*\{")
# As far as it goes; objects in objects in objects end it.
_MEMBERS = re.compile(r"(?:[^{}]{1,4000}+|\{[^{}]{0,2000}+\}){0,500}+")
# Hexadecimal digits, a UUID, letters of both sizes and digits: no name of a model, a place or a kind.
_OPAQUE = re.compile(
    r"((?<![\w\\])\\{0,8}[\"'])(?:[0-9a-fA-F]{32,512}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|tok[_-]\w{8,200}"
    r"|(?=[A-Za-z]{0,200}\d)(?=[a-z\d]{0,200}[A-Z])(?=[A-Z\d]{0,200}[a-z])[A-Za-z0-9]{24,512})(?=\\{0,8}[\"']\s{0,3}:)"
)


def hide_keys(text: str) -> str:
    """The text without what looks like a token and names a member of an object of tokens."""
    if "{" not in text:
        return text
    kept: list[str] = []
    at = 0
    for _, start in _objects(text):
        if start < at:
            continue
        members = _MEMBERS.match(text, start)
        end = members.end() if members else start
        kept += [text[at:start], _OPAQUE.sub(rf"\1{HIDDEN}", text[start:end])]
        at = end
    return "".join([*kept, text[at:]]) if kept else text

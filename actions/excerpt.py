"""What is kept of an answer from outside: a short, printable piece of it, without secrets."""

import re
import unicodedata
from collections.abc import Iterable

MAX_CHARACTERS = 1500
# Patterns look at no more than this: their worst case is quadratic.
SEARCHED_CHARACTERS = 4000
HIDDEN = "[hidden]"

_SECRETS = (
    re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
    re.compile(r"(?i)(?<=://)[^/\s:@]{1,200}:[^/\s@]{1,200}(?=@)"),
    re.compile(r"\b(?:sk|ghp|gho|xox[abp]|glpat)[-_][A-Za-z0-9_-]{10,}"),
    re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
)
_NAMED = re.compile(
    r"(?i)((?:password|passwd|secret|token|api[_-]?key|authorization)[\w.-]{0,40}[\"']?\s*[=:]\s*)"
    r"(\"[^\"]*\"|'[^']*'|[^\s,;&}]+)"
)


def excerpt(raw: bytes, secrets: Iterable[str] = ()) -> str:
    """The beginning of an answer as text. `secrets`: values that were sent and might be echoed."""
    text = "".join(_visible(c) for c in raw.decode("utf-8", "replace"))
    for secret in sorted(_parts(secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = text[:SEARCHED_CHARACTERS]
    for pattern in _SECRETS:
        text = pattern.sub(HIDDEN, text)
    text = _NAMED.sub(lambda match: match[1] + HIDDEN, text)
    text = " ".join(text.split())
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]} … (cut)"


def _visible(character: str) -> str:
    # Control, zero-width and bidirectional characters change what a reader sees.
    return " " if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn") else character


def _parts(secrets: Iterable[str]) -> set[str]:
    """A header's value and, of `Bearer x`, the x. Too short ones would hide ordinary words."""
    return {part for secret in secrets for part in (secret, secret.split(" ")[-1]) if len(part) >= 6}

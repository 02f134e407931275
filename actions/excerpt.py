"""What is kept of an answer from outside: a short, printable piece of it, without secrets."""

import unicodedata
from collections.abc import Iterable

from backend.redaction.clean import clean
from backend.redaction.redact import HIDDEN, redact

__all__ = ["HIDDEN", "excerpt"]

MAX_CHARACTERS = 1500
# More of it is not even searched.
_READ_CHARACTERS = 16_000


def excerpt(raw: bytes, secrets: Iterable[str] = ()) -> str:
    """The beginning of an answer as text. `secrets`: values that were sent and might be echoed."""
    text = clean(raw[: _READ_CHARACTERS * 4].decode("utf-8", "replace"))
    for secret in sorted(_parts(secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = redact(text[:_READ_CHARACTERS])
    text = " ".join("".join(_visible(c) for c in text).split())
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]} … (cut)"


def _visible(character: str) -> str:
    # What no font shows (private, unassigned) tells a reader nothing.
    return " " if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn") else character


def _parts(secrets: Iterable[str]) -> set[str]:
    """A header's value and, of `Bearer x`, the x. Too short ones would hide ordinary words."""
    return {part for secret in secrets for part in (secret, secret.split(" ")[-1]) if len(part) >= 6}

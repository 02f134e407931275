"""What is kept of an unhealthy answer: readable, short, and without the secrets that error pages like to print."""

import re

from backend.monitor.kinds import DETAIL_CHARS

READ_BYTES = 16_384
HIDDEN = "[redacted]"

_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_NAMED = re.compile(
    r"((?:authorization|cookie|pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)s?"
    r"[\w-]{0,30}[\"']?\s{0,3}(?:=>|[:=])\s{0,3})(?:(?:basic|bearer|token)\s+)?(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s\"'&,;<>]+)",
    re.IGNORECASE,
)
_URL_PASSWORD = re.compile(r"(://[^/\s:@\"']{1,200}:)[^@/\s\"']{1,200}@")
_JWT = re.compile(r"\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?")
_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)


def excerpt(body: bytes, encoding: str | None) -> str | None:
    """The beginning of a body as text. None: there is nothing to read."""
    text = decoded(body, encoding)
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    for pattern, shown in ((_KEY, HIDDEN), (_URL_PASSWORD, rf"\1{HIDDEN}@"), (_JWT, HIDDEN), (_NAMED, rf"\1{HIDDEN}")):
        text = pattern.sub(shown, text)
    if len(text) > DETAIL_CHARS:
        text = text[: DETAIL_CHARS - 1] + "…"
    return text or None


def decoded(body: bytes, encoding: str | None) -> str:
    """The body as text, whatever its header claims."""
    try:
        return body.decode(encoding or "utf-8", errors="replace")
    except LookupError:
        return body.decode("utf-8", errors="replace")

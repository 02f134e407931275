"""What is kept of an unhealthy answer: readable, short, and without the secrets that error pages like to print."""

from backend.monitor.kinds import DETAIL_CHARS
from backend.redaction.clean import clean
from backend.redaction.redact import redact

READ_BYTES = 16_384


def excerpt(body: bytes, encoding: str | None) -> str | None:
    """The beginning of a body as text. None: there is nothing to read."""
    text = redact(clean(decoded(body, encoding))).strip()
    if len(text) > DETAIL_CHARS:
        text = text[: DETAIL_CHARS - 1] + "…"
    return text or None


def decoded(body: bytes, encoding: str | None) -> str:
    """The body as text, whatever its header claims."""
    try:
        return body.decode(encoding or "utf-8", errors="replace")
    except LookupError:
        return body.decode("utf-8", errors="replace")

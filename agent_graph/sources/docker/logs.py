"""A container's log as the engine sends it: frames of two streams, or the plain text of a terminal."""

from agent_graph.logs.digest import Digest, digest
from agent_graph.safety.evidence import safe_log

_GAP = b"\n"


def read_log(raw: bytes, more: bytes, contains: str, *, plain: bool) -> Digest:
    """The digest of it, or of the lines that contain a text. `more`: the end of a log too long to be read whole."""
    parts = (raw, more) if plain else (demultiplex(raw), demultiplex(more))
    text = safe_log(_GAP.join(part for part in parts if part))
    if contains:
        text = "\n".join(line for line in text.split("\n") if contains.lower() in line.lower())
    return digest(text)


def demultiplex(raw: bytes) -> bytes:
    """Joins the frames of a container without a terminal: 1 byte stream, 3 zero, 4 length (big-endian), payload."""
    parts: list[bytes] = []
    at = 0
    while at + 8 <= len(raw):
        if raw[at] > 2 or raw[at + 1 : at + 4] != b"\0\0\0":
            return raw
        size = int.from_bytes(raw[at + 4 : at + 8], "big")
        parts.append(raw[at + 8 : at + 8 + size])
        at += 8 + size
    return b"".join(parts)

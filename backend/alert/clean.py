"""Remembers which texts hold nothing to hide: an alert that fires on is sent again and again, mostly word for word.

Of such a text a digest is kept; of one that holds a secret, nothing.
"""

import hashlib

from backend.redaction.redact import redact

# More than fire at a time where Nightdesk is at home; a megabyte and a half of memory.
REMEMBERED = 10_000
_DIGEST_BYTES = 16


class Cleared:
    """Texts that were looked at. When there are too many, it begins anew."""

    def __init__(self, room: int = REMEMBERED) -> None:
        self._room = room
        self._digests: set[bytes] = set()

    def __len__(self) -> int:
        return len(self._digests)

    def is_clean(self, text: str) -> bool:
        """Whether there is nothing to hide in the text."""
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()
        if digest in self._digests:
            return True
        if redact(text) != text:
            return False
        if len(self._digests) >= self._room:
            self._digests.clear()
        self._digests.add(digest)
        return True

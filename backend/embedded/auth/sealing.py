"""What the database must keep but nobody may read there: sealed with a key, or kept as a keyed hash."""

import hmac

from cryptography.fernet import Fernet, InvalidToken


class Sealer:
    """Seals text with one key (AES and HMAC, as Fernet does it)."""

    def __init__(self, key: str) -> None:
        self._fernet = Fernet(key)

    def seal(self, plain: str) -> str:
        return self._fernet.encrypt(plain.encode()).decode()

    def unseal(self, sealed: str) -> str | None:
        """The plain text; None when it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            return None


def new_sealing_key() -> str:
    return Fernet.generate_key().decode()


def keyed_hash(key: bytes, *parts: str) -> str:
    """What is stored of a short code: of no use to whoever reads the table without the key."""
    return hmac.digest(key, "\0".join(parts).encode(errors="replace"), "sha256").hex()

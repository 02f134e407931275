"""Passwords: bcrypt off the event loop, on few threads, in the same time for known and unknown addresses."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import bcrypt

from backend.embedded.auth.errors import TooManyRequests, WeakPassword

# GoTrue's cost, about 50 ms: hashes made here and there are interchangeable.
COST = 10
LEAST_CHARS = 8
# bcrypt reads no further; a longer password would be cut silently.
MOST_BYTES = 72
# A hash of nothing anybody can know, so that an unknown address costs a comparison, too.
NOBODY = bcrypt.hashpw(bcrypt.gensalt(), bcrypt.gensalt(COST)).decode()


def check_strength(password: str) -> None:
    """Raises WeakPassword with the reasons clients can show."""
    if len(password) < LEAST_CHARS:
        raise WeakPassword(f"Password should be at least {LEAST_CHARS} characters.", ("length",))
    if len(password.encode(errors="replace")) > MOST_BYTES:
        raise WeakPassword(f"Password cannot be longer than {MOST_BYTES} bytes.", ("length",))


def hash_password(password: str) -> str:
    """The bcrypt hash. Blocks for about 50 ms: call it in a thread."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(COST)).decode()


def matches(password: str, hashed: str) -> bool:
    """Whether the password has that hash. Blocks as long as hashing does, whatever the answer."""
    secret = password.encode(errors="replace")
    too_long = len(secret) > MOST_BYTES
    try:
        same = bcrypt.checkpw(secret[:MOST_BYTES], hashed.encode())
    except ValueError:
        # Not a bcrypt hash: an invited user without a password yet.
        bcrypt.checkpw(secret[:MOST_BYTES], NOBODY.encode())
        return False
    return same and not too_long


class PasswordHasher:
    """Hashes in threads of its own: a burst of sign-ins leaves the event loop and the other cores alone."""

    def __init__(self, threads: int = 1, most_waiting: int = 32) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="bcrypt")
        self._room = threads + most_waiting
        self._running = 0

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Compares; `None` (no such user) takes as long and is always wrong. Raises TooManyRequests."""
        same = await self._run(matches, password, hashed or NOBODY)
        return bool(same) and hashed is not None

    async def hash(self, password: str) -> str:
        """Raises TooManyRequests when too many are waiting."""
        return str(await self._run(hash_password, password))

    async def _run(self, work: object, *args: str) -> object:
        if self._running >= self._room:
            raise TooManyRequests("Too many people are signing in at once. Try again in a few seconds.")
        self._running += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)  # pyright: ignore
        finally:
            self._running -= 1

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

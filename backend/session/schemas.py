"""JSON of sign-ins."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class Session(BaseModel):
    """A sign-in of yours. `aal`: aal2 once it has shown a second factor; `location` is a guess from the address."""

    id: UUID
    current: bool
    created_at: datetime
    last_used_at: datetime
    ip: str | None
    user_agent: str | None
    location: str | None
    aal: str


class SessionPage(BaseModel):
    """Where you are signed in, this sign-in first, then the one used last."""

    items: list[Session]
    next_cursor: Literal[None] = None


class SignedOut(BaseModel):
    """How many sign-ins have ended."""

    ended: int

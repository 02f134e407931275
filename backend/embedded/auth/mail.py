"""What the edge writes to people: one-time codes and notices, handed to whatever delivers mail."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True)
class Letter:
    """One message in plain text; `template` names its kind for whoever lays it out."""

    to: str
    template: str
    subject: str
    text: str = field(repr=False)


# Called inside the transaction that makes the code: the letter goes out if, and only if, the code is valid.
Mailer = Callable[[AsyncSession, Letter, datetime], Awaitable[object]]

"""What the edge writes to people: one-time codes and notices, handed to whatever delivers mail."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Letter:
    """One message in plain text; `template` names its kind for whoever lays it out."""

    to: str
    template: str
    subject: str
    text: str


# Called inside the transaction that makes the code: the letter goes out if, and only if, the code is valid.
Mailer = Callable[[AsyncSession, Letter, datetime], Awaitable[object]]


async def no_mail(session: AsyncSession, letter: Letter, now: datetime) -> None:
    """For an installation without a mail server: says that something was not sent, never what."""
    log.warning("mail_not_set_up", template=letter.template)

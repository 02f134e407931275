"""The outbox: a letter is there if and only if what it tells about was committed; its text goes once it was sent."""

import asyncio
import uuid
from datetime import datetime

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import jobs
from backend.deps import Deps
from backend.errors import Unavailable
from backend.mail import smtp
from backend.mail.letter import Letter, Post

log = structlog.get_logger(__name__)


async def post(session: AsyncSession, letter: Letter, now: datetime, *, team_id: uuid.UUID | None = None) -> uuid.UUID:
    """Puts a letter into the outbox and defers its delivery, in the session's own transaction."""
    mail_id = uuid.uuid4()
    await session.execute(
        text(
            "insert into public.mail_outbox (id, team_id, template, recipient, subject, body, created_at)"
            " values (:id, :team_id, :template, :to, :subject, :body, :now)"
        ),
        {
            "id": mail_id,
            "team_id": team_id,
            "template": letter.template,
            "to": letter.to,
            "subject": letter.subject,
            "body": letter.text,
            "now": now,
        },
    )
    await jobs.defer(session, jobs.SEND_MAIL, mail_id=str(mail_id))
    return mail_id


async def deliver(deps: Deps, *, mail_id: str) -> None:
    """Job SEND_MAIL: read, send outside any transaction, note. A crash in between sends it again, with the same id."""
    url = deps.settings.smtp_url
    async with deps.db.transaction() as session:
        waiting = await _waiting(session, mail_id)
        if waiting is None:
            return
        if url is None:
            await _note(session, mail_id, deps.clock.now(), "No mail server is set up (NIGHTDESK_SMTP_URL).")
            return
    mail = smtp.message(waiting, deps.settings.mail_from)
    try:
        await asyncio.to_thread(smtp.send, smtp.parse_server(url.get_secret_value()), mail)
    except Unavailable as error:
        if error.retryable:
            raise
        await give_up(deps, mail_id=mail_id, error=error.detail)
        return
    async with deps.db.transaction() as session:
        await _note(session, mail_id, deps.clock.now(), None)


async def give_up(deps: Deps, *, mail_id: str, error: str) -> None:
    """It could not be sent: says so where an admin finds it."""
    log.error("mail_not_sent", mail_id=mail_id, error=error)
    async with deps.db.transaction() as session:
        await _note(session, mail_id, deps.clock.now(), error)


async def _waiting(session: AsyncSession, mail_id: str) -> Post | None:
    found = await session.execute(
        text(
            "select id, recipient, subject, created_at, body from public.mail_outbox"
            " where id = :id and sent_at is null and failed_at is null and body is not null"
        ),
        {"id": mail_id},
    )
    row = found.first()
    return None if row is None else Post(row.id, row.recipient, row.subject, row.created_at, row.body)


async def _note(session: AsyncSession, mail_id: str, now: datetime, error: str | None) -> None:
    outcome = "sent_at = :now" if error is None else "failed_at = :now"
    await session.execute(
        text(f"update public.mail_outbox set {outcome}, error = :error, body = null where id = :id"),  # noqa: S608
        {"id": mail_id, "now": now, "error": error},
    )

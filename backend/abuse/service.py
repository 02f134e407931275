"""Attempts to sign in, counted and limited. This file alone writes login_attempts and blocked_ips.

An attempt is written down as failed before the password is looked at: a thousand at once count as a thousand.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.abuse import rules
from backend.abuse.rules import Allowed, Blocked, CaptchaNeeded, Delayed, Failures, Limits, Verdict
from backend.errors import NotFound
from backend.origin import neighbourhood, parsed
from backend.settings import Settings

Outcome = Literal["succeeded", "failed", "delayed", "captcha_required", "blocked", "mfa_failed", "code_requested"]
# What an attempt counts as until something else is known.
Guess = Literal["failed", "mfa_failed", "code_requested"]
# What is held against an address together.
TOGETHER: dict[Guess, list[Guess]] = {
    "failed": ["failed", "mfa_failed"],
    "mfa_failed": ["failed", "mfa_failed"],
    "code_requested": ["code_requested"],
}
REFUSALS: dict[type[Verdict], Outcome] = {Delayed: "delayed", CaptchaNeeded: "captcha_required", Blocked: "blocked"}
MOST_AGENT_CHARS = 500
# Behind one address a whole office signs in at nine: what is still being compared is not held against it.
UNDECIDED = timedelta(seconds=2)
# Requests over a Unix socket have no address; they all count as one.
NOWHERE = "0.0.0.0"  # noqa: S104


class NotBlocked(NotFound):
    """This address is not blocked."""

    code = "not_blocked"


@dataclass(frozen=True)
class Attempt:
    """Who tries from where. `email`: as typed, in normal spelling."""

    email: str
    ip: str | None
    user_agent: str | None
    country: str | None = None
    city: str | None = None

    @property
    def address(self) -> str:
        return self.ip or NOWHERE

    @property
    def place(self) -> str:
        """What is counted and blocked together: an IPv4 address, an IPv6 network."""
        found = parsed(self.ip)
        return str(neighbourhood(found)) if found else f"{NOWHERE}/32"


def limits_of(settings: Settings) -> Limits:
    return Limits(
        window=timedelta(seconds=settings.signin_window_seconds),
        delay_after=settings.signin_delay_after_failures,
        longest_delay=timedelta(seconds=settings.signin_delay_max_seconds),
        captcha_after=settings.captcha_after_failures,
        block_after=settings.signin_block_after_failures,
        block_for=timedelta(seconds=settings.signin_block_seconds),
    )


async def begin(
    session: AsyncSession,
    attempt: Attempt,
    limits: Limits,
    now: datetime,
    *,
    solved: bool = False,
    failure: Guess = "failed",
) -> tuple[Verdict, int | None]:
    """Judges an attempt and writes it down, as `failure` when it may go on. Returns the verdict and the row's id.

    Who asks for a letter guesses nothing: many of them cost work, but neither time nor the door.
    """
    for key in sorted((f"signin:{attempt.email}", f"signin:{attempt.place}")):
        await session.execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
    account, address = await _failures(session, attempt, failure, now - limits.window, now)
    blocked = await _block(session, attempt.place, now)
    guesses = failure != "code_requested"
    verdict = rules.judge(account, address, blocked, solved, limits, now, waits=guesses)
    if guesses and not isinstance(verdict, Blocked) and rules.should_block(address, limits):
        verdict = Blocked(now + limits.block_for)
        await block(session, attempt.place, "too many failed sign-ins", verdict.until, "Nightdesk", now)
    return verdict, await _write_down(session, attempt, failure if isinstance(verdict, Allowed) else None, verdict, now)


async def finish(session: AsyncSession, attempt_id: int, user_id: UUID | None, outcome: Outcome) -> None:
    """What came of an attempt that went on."""
    await session.execute(
        text("update public.login_attempts set outcome = :outcome, user_id = :user where id = :id"),
        {"outcome": outcome, "user": user_id, "id": attempt_id},
    )


async def withdraw(session: AsyncSession, attempt_id: int) -> None:
    """It turned out to be no guess at all."""
    await session.execute(text("delete from public.login_attempts where id = :id"), {"id": attempt_id})


async def block(session: AsyncSession, place: str, reason: str, until: datetime | None, by: str, now: datetime) -> None:
    """Shuts an address or network out, or changes for how long."""
    await session.execute(
        text(
            "insert into public.blocked_ips (ip_address, reason, blocked_until, created_at, created_by)"
            " values (cast(:ip as inet), :reason, :until, :now, :by) on conflict (ip_address) do update"
            " set reason = excluded.reason, blocked_until = excluded.blocked_until, created_by = excluded.created_by"
        ),
        {"ip": place, "reason": reason, "until": until, "now": now, "by": by},
    )


async def unblock(session: AsyncSession, place: str, now: datetime) -> None:
    """Lets an address in again; what it did before is not held against it. Raises NotBlocked."""
    lifted = await session.execute(
        text(
            "update public.blocked_ips set blocked_until = :now where ip_address = cast(:ip as inet)"
            " and (blocked_until is null or blocked_until > :now) returning 1"
        ),
        {"ip": place, "now": now},
    )
    if lifted.first() is None:
        raise NotBlocked()


async def blocked_ips(session: AsyncSession, now: datetime) -> list[Row[Any]]:
    """Who is shut out now, the newest first."""
    rows = await session.execute(
        text(
            "select abbrev(ip_address) as ip_address, reason, blocked_until, created_at, created_by"
            " from public.blocked_ips where blocked_until is null or blocked_until > :now order by created_at desc"
        ),
        {"now": now},
    )
    return list(rows)


async def attempts(
    session: AsyncSession, *, email: str | None, ip: str | None, outcome: str | None, before: int | None, limit: int
) -> list[Row[Any]]:
    """Attempts, the newest first."""
    rows = await session.execute(
        text(
            "select id, created_at, email, user_id, host(ip_address) as ip_address, user_agent, outcome, country, city"
            " from public.login_attempts where (cast(:email as text) is null or email = :email)"
            " and (cast(:ip as inet) is null or ip_address <<= cast(:ip as inet))"
            " and (cast(:outcome as text) is null or outcome = :outcome)"
            " and (cast(:before as bigint) is null or id < :before) order by id desc limit :limit"
        ),
        {"email": email, "ip": ip, "outcome": outcome, "before": before, "limit": limit},
    )
    return list(rows)


async def forget(session: AsyncSession, settings: Settings, now: datetime) -> None:
    """Deletes old attempts, and blocks that were over before anything still counts."""
    window = limits_of(settings).window
    await session.execute(text("delete from public.blocked_ips where blocked_until < :old"), {"old": now - window})
    await session.execute(
        text("delete from public.login_attempts where created_at < :old"),
        {"old": now - timedelta(days=settings.login_attempts_keep_days)},
    )


async def _failures(
    session: AsyncSession, attempt: Attempt, outcome: Guess, since: datetime, now: datetime
) -> tuple[Failures, Failures]:
    """Of the account since its last success, and of the address since it was last let in again.

    A right password forgives wrong passwords, not wrong second factors: those only time forgives.
    """
    rows = await session.execute(
        text(
            "select count(*) as failures, max(created_at) as last from public.login_attempts"
            " where email = :email and outcome = :outcome and created_at > greatest(:since,"
            "   case when :outcome = 'failed' then (select max(created_at) from public.login_attempts"
            "     where email = :email and outcome = 'succeeded') end)"
            " union all select count(*), max(created_at) from public.login_attempts"
            " where ip_address <<= cast(:place as inet) and outcome = any(:together)"
            " and created_at > greatest(:since, (select max(blocked_until) from public.blocked_ips"
            "   where ip_address >>= cast(:place as inet) and blocked_until <= :now)) and created_at <= :settled"
        ),
        {
            "email": attempt.email,
            "outcome": outcome,
            "together": TOGETHER[outcome],
            "place": attempt.place,
            "since": since,
            "now": now,
            "settled": now - UNDECIDED,
        },
    )
    account, address = (Failures(row.failures, row.last) for row in rows)
    return account, address


async def _block(session: AsyncSession, place: str, now: datetime) -> Blocked | None:
    rows = await session.execute(
        text(
            "select blocked_until from public.blocked_ips where ip_address >>= cast(:place as inet)"
            " and (blocked_until is null or blocked_until > :now) order by blocked_until desc nulls first limit 1"
        ),
        {"place": place, "now": now},
    )
    row = rows.first()
    return Blocked(row.blocked_until) if row else None


async def _write_down(
    session: AsyncSession, attempt: Attempt, failure: Outcome | None, verdict: Verdict, now: datetime
) -> int | None:
    """One row per attempt that goes on; of refusals one a minute says enough, and a flood fills no disk."""
    rows = await session.execute(
        text(
            "insert into public.login_attempts (created_at, email, ip_address, user_agent, outcome, country, city)"
            " select :now, :email, cast(:ip as inet), :agent, :outcome, :country, :city where :counts or not exists ("
            "   select 1 from public.login_attempts where email = :email and ip_address = cast(:ip as inet)"
            "   and outcome = :outcome and created_at > :minute_ago) returning id"
        ),
        {
            "now": now,
            "minute_ago": now - timedelta(minutes=1),
            "email": attempt.email,
            "ip": attempt.address,
            "agent": (attempt.user_agent or "")[:MOST_AGENT_CHARS],
            "outcome": failure or REFUSALS[type(verdict)],
            "counts": failure is not None,
            "country": attempt.country,
            "city": attempt.city,
        },
    )
    return rows.scalar_one_or_none()

"""The gate before every guess, a password, a code of a mail, a second factor, and every letter that is asked for."""

import re
from dataclasses import replace
from datetime import datetime

from backend.abuse import captcha
from backend.abuse import service as abuse
from backend.abuse.rules import Allowed, Blocked, CaptchaNeeded, Delayed, Verdict
from backend.abuse.service import Attempt
from backend.embedded.auth.context import Auth
from backend.embedded.auth.errors import AddressBlocked, CaptchaFailed, TooManyFailures
from backend.embedded.auth.sessions import Client

MOST_EMAIL_CHARS = 254
NOT_PRINTABLE = re.compile(r"[^!-~]")
# Whoever guesses second factors has the password already: they wait longer than somebody who mistypes it.
FACTOR_PATIENCE = 15
# How often old attempts are looked for: once in so many.
SWEEP_EVERY = 1000


async def enter(auth: Auth, email: str, captcha_token: str | None, client: Client, now: datetime) -> int:
    """Notes the attempt as failed until `abuse.finish` says otherwise. Raises TooManyFailures, CaptchaFailed,
    AddressBlocked."""
    return await _enter(auth, email, captcha_token, client, now, "failed")


async def ask_for_letter(auth: Auth, email: str, captcha_token: str | None, client: Client, now: datetime) -> None:
    """The same for what sends a letter, whether or not there is such an account. Nobody waits, but many cost work.

    Raises CaptchaFailed, AddressBlocked.
    """
    await _enter(auth, email, captcha_token, client, now, "code_requested")


async def _enter(
    auth: Auth, email: str, captcha_token: str | None, client: Client, now: datetime, counted_as: abuse.Guess
) -> int:
    attempt, limits = _attempt(email, client), abuse.limits_of(auth.settings)
    solved = captcha_token is not None and captcha.solved_until(captcha_token, auth.captcha_key, now) is not None
    async with auth.db.transaction() as session:
        verdict, attempt_id = await abuse.begin(session, attempt, limits, now, solved=solved, failure=counted_as)
        if solved and captcha_token and isinstance(verdict, Allowed):
            taken = await captcha.take(session, captcha_token, auth.captcha_key, now)
            verdict = verdict if taken else CaptchaNeeded()
        if attempt_id is not None and attempt_id % SWEEP_EVERY == 0:
            await abuse.forget(session, auth.settings, now)
    return _passed(verdict, attempt_id, now)


async def enter_factor(auth: Auth, email: str, client: Client, now: datetime) -> int:
    """The same for a second factor, where no CAPTCHA can be asked for. Raises TooManyFailures, AddressBlocked."""
    limits = abuse.limits_of(auth.settings)
    patient = replace(limits, longest_delay=limits.longest_delay * FACTOR_PATIENCE)
    async with auth.db.transaction() as session:
        verdict, attempt_id = await abuse.begin(
            session, _attempt(email, client), patient, now, solved=True, failure="mfa_failed"
        )
    return _passed(verdict, attempt_id, now)


def _attempt(email: str, client: Client) -> Attempt:
    # What no address can contain is shown as a question mark: the list is read by people.
    spelled = NOT_PRINTABLE.sub("?", email.strip().lower())[:MOST_EMAIL_CHARS]
    return Attempt(spelled, client.ip, client.user_agent, client.country, client.city)


def _passed(verdict: Verdict, attempt_id: int | None, now: datetime) -> int:
    match verdict:
        case Allowed():
            assert attempt_id is not None
            return attempt_id
        case Delayed():
            raise TooManyFailures(verdict.retry_after)
        case CaptchaNeeded():
            raise CaptchaFailed()
        case Blocked():
            raise _blocked(verdict, now)


def _blocked(verdict: Blocked, now: datetime) -> AddressBlocked:
    refusal = AddressBlocked()
    if verdict.until is not None:
        refusal.headers = {"Retry-After": str(max(1, round((verdict.until - now).total_seconds())))}
    return refusal

"""What the command line makes for people."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.embedded.auth import users
from backend.embedded.people import new_password, replace_password
from backend.errors import Conflict

NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
LOST = "lena@example.org"


def test_a_new_password_is_no_option_on_a_command_line():
    """A sign other than a letter or a digit would turn up in one of these."""
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    assert all(len(password) == 20 and password.isalnum() and password.isascii() for password in made)


async def test_whoever_gets_another_password_can_sign_in_with_it(session: AsyncSession):
    """Also where the letter that should have confirmed the address never came."""
    user_id = await users.create_user(session, LOST, new_password(), NOW)
    await session.execute(text("update auth.users set email_confirmed_at = null where id = :id"), {"id": user_id})
    await replace_password(session, LOST, new_password(), NOW)
    person = await users.find_by_email(session, LOST)
    assert person is not None
    assert person.email_confirmed_at is not None


async def test_to_whom_the_door_is_shut_no_password_opens_it(session: AsyncSession):
    user_id = await users.create_user(session, LOST, new_password(), NOW)
    ends = NOW + timedelta(days=1)
    await session.execute(text("update auth.users set banned_until = :at where id = :id"), {"id": user_id, "at": ends})
    with pytest.raises(Conflict, match="is banned until 2026-11-22 03:10 UTC"):
        await replace_password(session, LOST, new_password(), NOW)

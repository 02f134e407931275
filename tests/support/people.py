"""People who sign in: made by the code of `nightdesk user create`, signed in over HTTP as a browser would."""

import uuid
from dataclasses import dataclass

import bcrypt
import httpx
from sqlalchemy import text

from backend.access import Role
from backend.deps import Deps
from backend.embedded.auth import users

PASSWORD = "correct horse battery staple"
# At the least cost there is, so that making and checking it a thousand times takes no minutes.
HASHED = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()


@dataclass(frozen=True)
class SignedIn:
    """Somebody with a session."""

    user_id: uuid.UUID
    email: str
    access_token: str
    refresh_token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"}


async def join(deps: Deps, email: str, role: Role = "owner", team: str = "default") -> uuid.UUID:
    """Makes the person and adds them to the team; the team is made when there is none of that slug."""
    async with deps.db.transaction() as session:
        user_id = await users.create_user(session, email, None, deps.clock.now())
        await users.set_password(session, user_id, HASHED, deps.clock.now())
        await session.execute(
            text("insert into teams (name, slug) values (:team, :team) on conflict (slug) do nothing"), {"team": team}
        )
        await session.execute(
            text(
                "insert into team_members (team_id, user_id, role)"
                " select id, :user_id, :role from teams where slug = :team"
            ),
            {"user_id": user_id, "role": role, "team": team},
        )
    return user_id


async def sign_in(api: httpx.AsyncClient, user_id: uuid.UUID, email: str) -> SignedIn:
    """With the password, as supabase-js does it."""
    key = (await api.get("/api/config")).raise_for_status().json()["supabase_key"]
    answer = await api.post(
        "/auth/v1/token",
        params={"grant_type": "password"},
        headers={"apikey": key},
        json={"email": email, "password": PASSWORD},
    )
    session = answer.raise_for_status().json()
    return SignedIn(user_id, email, session["access_token"], session["refresh_token"])

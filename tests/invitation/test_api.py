"""Invitations: by mail or by hand, once, for a while, for one address."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from backend.deps import Deps
from backend.mail import service as mail
from backend.settings import Settings
from tests.fakes.smtp import mail_server
from tests.support import people
from tests.support.clock import MovableClock
from tests.support.people import PASSWORD, SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]


async def invited(api: httpx.AsyncClient, person: SignedIn, email: str = "dora@example.org") -> dict[str, Any]:
    body = {"email": email, "role": "responder"}
    answer = await api.post("/api/team/invitations", json=body, headers=person.headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def token_of(invitation: dict[str, Any]) -> str:
    return invitation["link"].rpartition("/")[2]


async def test_somebody_new_chooses_a_password_and_is_in(api: httpx.AsyncClient, sign_in: SignIn, deps: Deps):
    olivia = await sign_in()
    invitation = await invited(api, olivia, " Dora@Example.org")
    assert (invitation["email"], invitation["mail_sent"]) == ("dora@example.org", False)
    path = f"/api/invitations/{token_of(invitation)}"
    info = (await api.get(path)).json()
    assert (info["team_name"], info["role"], info["has_account"]) == ("Default", "responder", False)
    weak = await api.post(f"{path}/join", json={"password": "short"})
    assert weak.status_code == 422
    joined = await api.post(f"{path}/join", json={"password": PASSWORD, "name": "Dora"})
    assert (joined.status_code, joined.json()["team_slug"]) == (201, "default")
    async with deps.db.transaction() as session:
        found = await session.execute(text("select id from auth.users where email = 'dora@example.org'"))
        dora = await people.sign_in(api, found.scalar_one(), "dora@example.org")
    me = (await api.get("/api/me", headers=dora.headers)).json()
    assert (me["user"]["name"], me["role"]) == ("Dora", "responder")
    for again in (await api.get(path), await api.post(f"{path}/join", json={"password": PASSWORD})):
        assert (again.status_code, again.json()["code"]) == (410, "invitation_gone")


async def test_who_has_an_account_signs_in_and_accepts(api: httpx.AsyncClient, sign_in: SignIn):
    olivia, bob = await sign_in(), await sign_in("bob@example.org", "owner", "beta")
    mallory = await sign_in("mallory@example.org", "owner", "beta")
    path = f"/api/invitations/{token_of(await invited(api, olivia, 'BOB@example.org'))}"
    assert (await api.get(path)).json()["has_account"] is True
    assert (await api.post(f"{path}/join", json={"password": PASSWORD})).json()["code"] == "has_account"
    other = await api.post(f"{path}/accept", headers=mallory.headers)
    assert (other.status_code, other.json()["code"]) == (403, "other_address")
    assert (await api.post(f"{path}/accept", headers=bob.headers)).status_code == 200
    assert {t["slug"] for t in (await api.get("/api/me", headers=bob.headers)).json()["teams"]} == {"default", "beta"}
    assert (await api.post(f"{path}/accept", headers=bob.headers)).status_code == 410
    body = {"email": "bob@example.org", "role": "viewer"}
    assert (await api.post("/api/team/invitations", json=body, headers=olivia.headers)).json()[
        "code"
    ] == "already_member"


async def test_sent_again_revoked_and_expired(api: httpx.AsyncClient, sign_in: SignIn, clock: MovableClock):
    olivia = await sign_in()
    first = await invited(api, olivia)
    body = {"email": "dora@example.org", "role": "viewer"}
    assert (await api.post("/api/team/invitations", json=body, headers=olivia.headers)).json()[
        "code"
    ] == "already_invited"
    path = f"/api/team/invitations/{first['id']}"
    second = (await api.post(f"{path}/resend", headers=olivia.headers)).json()
    assert (await api.get(f"/api/invitations/{token_of(first)}")).status_code == 404
    assert (await api.get(f"/api/invitations/{token_of(second)}")).status_code == 200
    assert (await api.delete(path, headers=olivia.headers)).status_code == 204
    assert (await api.get(f"/api/invitations/{token_of(second)}")).status_code == 410
    assert (await api.delete(path, headers=olivia.headers)).status_code == 404
    third = await invited(api, olivia)
    clock.advance(days=7, seconds=1)
    assert (await api.get(f"/api/invitations/{token_of(third)}")).json()["code"] == "invitation_gone"
    assert (await api.get("/api/invitations/nonsense")).status_code == 404


@pytest.mark.parametrize("email", ["dоra@example.org", "dora@exａmple.org", "no address", "a@b\nBcc: c@d"])
async def test_addresses_that_only_look_alike(api: httpx.AsyncClient, sign_in: SignIn, email: str):
    olivia = await sign_in()
    answer = await api.post("/api/team/invitations", json={"email": email, "role": "viewer"}, headers=olivia.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_email")


async def test_a_full_team_takes_nobody_in(api: httpx.AsyncClient, sign_in: SignIn, deps: Deps):
    olivia, bob = await sign_in(), await sign_in("bob@example.org", "owner", "beta")
    token = token_of(await invited(api, olivia, "bob@example.org"))
    for n in range(4):
        await people.join(deps, f"m{n}@example.org", "viewer")
    async with deps.db.transaction() as session:
        await session.execute(text("update teams set plan = 'free' where slug = 'default'"))
    answer = await api.post(f"/api/invitations/{token}/accept", headers=bob.headers)
    assert (answer.status_code, answer.json()["code"]) == (402, "limit_reached")


class TestByMail:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:9")})

    async def test_the_link_is_in_the_mail_and_nowhere_else(self, api: httpx.AsyncClient, sign_in: SignIn, deps: Deps):
        invitation = await invited(api, await sign_in())
        assert (invitation["mail_sent"], invitation["link"]) == (True, None)
        async with deps.db.transaction() as session:
            row = (await session.execute(text("select * from mail_outbox"))).one()
            args = (await session.execute(text("select args from jobs.procrastinate_jobs"))).scalar_one()
            logged = (await session.execute(text("select * from audit_logs"))).all()
        token = row.body.partition("/invite/")[2].split()[0]
        assert (row.recipient, args) == ("dora@example.org", {"mail_id": str(row.id)})
        assert token not in str(logged)
        assert (await api.get(f"/api/invitations/{token}")).status_code == 200
        async with mail_server() as server:
            settings = deps.settings.model_copy(update={"smtp_url": SecretStr(server.url)})
            sending = type(deps)(settings, deps.clock, deps.db, deps.http)
            await mail.deliver(sending, mail_id=str(row.id))
        assert token in server.letters[0].get_content()

"""Every call of sign-in, made by the unmodified supabase-js and supabase-py from one list of scenarios."""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from supabase_auth.errors import AuthApiError

from supabase import AsyncClient, AsyncClientOptions, acreate_client
from tests.embedded.auth.calls import call as call_edge
from tests.embedded.auth.calls import code_for, secret_key, sign_in
from tests.embedded.conftest import JS_CLIENTS, PASSWORD, Edge, running
from tests.support.server import TestServer

Call = Callable[..., Awaitable[dict[str, Any]]]
NEW = "a new and better one"


def code(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(datetime.now(UTC).timestamp()) + steps * 30)


async def a_session(call: Call, edge: Edge, email: str) -> None:
    edge.person(email)
    assert (await call("sign_in", email=email, password="wrong"))["error"] == [400, "invalid_credentials"]
    assert (await call("sign_in", email=email, password=PASSWORD))["email"] == email
    assert (await call("get_user"))["email"] == email
    assert (await call("refresh"))["email"] == email
    assert (await call("claims"))["alg"] == "ES256"
    assert (await call("update_user", data={"name": "Ada"}))["error"] is None
    assert (await call("update_user", password=NEW))["error"] is None
    assert (await call("sign_out", scope="others"))["error"] is None
    assert (await call("sign_out", scope="global"))["error"] is None
    assert (await call("sign_in", email=email, password=PASSWORD))["error"] == [400, "invalid_credentials"]
    assert (await call("sign_in", email=email, password=NEW))["error"] is None
    assert (await call("sign_up", email=f"x{email}", password=NEW))["error"] == [422, "signup_disabled"]


async def a_stolen_refresh_token(call: Call, edge: Edge, email: str) -> None:
    person = edge.person(email)
    stolen = (await call("sign_in", email=email, password=PASSWORD))["refresh_token"]
    newer = (await call("refresh"))["refresh_token"]
    assert newer not in (None, stolen)
    assert (await call("refresh"))["refresh_token"] not in (None, newer)
    age = "update auth.refresh_tokens set updated_at = updated_at - interval '1 minute' where user_id = %s"
    edge.sql(age, str(person.id))
    assert (await call("refresh_with", token=stolen))["error"] == [400, "refresh_token_already_used"]
    assert edge.sql("select count(*) from auth.sessions where user_id = %s", person.id) == [(0,)]


async def signing_out_here(call: Call, edge: Edge, email: str) -> None:
    person = edge.person(email)
    elsewhere = sign_in(edge, email)["access_token"]
    await call("sign_in", email=email, password=PASSWORD)
    assert (await call("sign_out", scope="local"))["error"] is None
    assert edge.sql("select count(*) from auth.sessions where user_id = %s", person.id) == [(1,)]
    assert call_edge(edge, "GET", "/user", token=elsewhere).status_code == 200


async def an_open_door(call: Call, edge: Edge, email: str) -> None:
    made = await call("sign_up", email=email, password=PASSWORD)
    assert (made["error"], made["email"], made["refresh_token"]) == (None, email, None)
    assert (await call("sign_in", email=email, password=PASSWORD))["error"] == [400, "email_not_confirmed"]
    token = code_for(edge, email, "code_signup")
    assert (await call("verify_otp", email=email, token=token, type="signup"))["email"] == email
    # A taken address is answered as a free one, and stays what it was.
    again = await call("sign_up", email=email, password=NEW)
    assert (again["error"], again["email"]) == (None, email)
    assert (await call("sign_in", email=email, password=PASSWORD))["email"] == email


async def codes_by_mail(call: Call, edge: Edge, email: str) -> None:
    edge.person(email)
    assert (await call("recover", email=email))["error"] is None
    wrong = await call("verify_otp", email=email, token="00000000", type="recovery")
    assert wrong["error"] == [403, "otp_expired"]
    token = code_for(edge, email, "code_recovery")
    assert (await call("verify_otp", email=email, token=token, type="recovery"))["email"] == email
    assert (await call("otp", email=email))["error"] is None
    token = code_for(edge, email, "code_magiclink")
    assert (await call("verify_otp", email=email, token=token, type="email"))["email"] == email
    assert (await call("reauthenticate"))["error"] is None
    nonce = code_for(edge, email, "code_reauthentication")
    assert (await call("update_user", password=NEW, nonce=nonce))["error"] is None
    assert (await call("update_user", email=f"new.{email}"))["new_email"] == f"new.{email}"
    assert (await call("resend", type="email_change", email=f"new.{email}"))["error"] is None
    token = code_for(edge, f"new.{email}", "code_email_change")
    assert (await call("verify_otp", email=f"new.{email}", token=token, type="email_change"))["error"] is None
    assert (await call("sign_in", email=f"new.{email}", password=NEW))["email"] == f"new.{email}"


async def a_second_factor(call: Call, edge: Edge, email: str) -> None:
    edge.person(email)
    await call("sign_in", email=email, password=PASSWORD)
    assert (await call("aal"))["levels"] == ["aal1", "aal1"]
    enrolled = await call("enroll", name="phone")
    assert enrolled["picture"].startswith("data:image/svg+xml;utf-8,<svg")
    factor, secret = enrolled["id"], enrolled["secret"]
    challenge = (await call("challenge", factor=factor))["id"]
    wrong = await call("verify", factor=factor, challenge=challenge, code="000000")
    assert wrong["error"] == [422, "mfa_verification_failed"]
    used = code(secret)
    assert (await call("verify", factor=factor, challenge=challenge, code=used))["error"] is None
    assert (await call("aal"))["levels"] == ["aal2", "aal2"]
    replayed = await call("challenge_and_verify", factor=factor, code=used)
    assert replayed["error"] == [422, "mfa_verification_failed"]
    assert (await call("factors"))["factors"] == 1
    await call("sign_in", email=email, password=PASSWORD)
    assert (await call("aal"))["levels"] == ["aal1", "aal2"]
    assert (await call("unenroll", factor=factor))["error"] == [422, "insufficient_aal"]
    assert (await call("challenge_and_verify", factor=factor, code=code(secret, 1)))["error"] is None
    assert (await call("unenroll", factor=factor))["id"] == factor
    assert (await call("refresh"))["error"] is None
    assert (await call("aal"))["levels"] == ["aal1", "aal1"]


async def administration(call: Call, edge: Edge, email: str) -> None:
    made = await call("create_user", email=email, password=PASSWORD, email_confirm=True)
    assert made["email"] == email
    assert (await call("create_user", email=email, password=PASSWORD))["error"] == [422, "email_exists"]
    assert email in (await call("list_users"))["emails"]
    assert (await call("get_user_by_id", id=made["user_id"]))["email"] == email
    changed = await call("update_user_by_id", id=made["user_id"], changes={"password": NEW})
    assert changed["error"] is None
    assert (await call("sign_in", email=email, password=NEW))["error"] is None
    assert (await call("invite", email=f"invited.{email}"))["email"] == f"invited.{email}"
    token = code_for(edge, f"invited.{email}", "code_invite")
    assert (await call("verify_otp", email=f"invited.{email}", token=token, type="invite"))["error"] is None
    assert (await call("delete_user", id=made["user_id"]))["error"] is None
    assert (await call("get_user_by_id", id=made["user_id"]))["error"] == [404, "user_not_found"]


SCENARIOS = (
    a_session,
    a_stolen_refresh_token,
    signing_out_here,
    codes_by_mail,
    a_second_factor,
    administration,
)


def calls_of(client: AsyncClient, administrator: AsyncClient) -> dict[str, Callable[[dict[str, Any]], Awaitable[Any]]]:
    """supabase-py's names for the calls."""
    auth, admin = client.auth, administrator.auth.admin
    otp = {"should_create_user": False}
    return {
        "sign_in": lambda a: auth.sign_in_with_password(a),
        "sign_up": lambda a: auth.sign_up(a),
        "refresh": lambda a: auth.refresh_session(),
        "refresh_with": lambda a: auth.refresh_session(a["token"]),
        "get_user": lambda a: auth.get_user(),
        "update_user": lambda a: auth.update_user(a),
        "sign_out": lambda a: auth.sign_out(a),
        "claims": lambda a: auth.get_claims(),
        "recover": lambda a: auth.reset_password_for_email(a["email"]),
        "otp": lambda a: auth.sign_in_with_otp({"email": a["email"], "options": otp}),
        "verify_otp": lambda a: auth.verify_otp(a),
        "resend": lambda a: auth.resend(a),
        "reauthenticate": lambda a: auth.reauthenticate(),
        "enroll": lambda a: auth.mfa.enroll({"factor_type": "totp", "friendly_name": a["name"]}),
        "challenge": lambda a: auth.mfa.challenge({"factor_id": a["factor"]}),
        "verify": lambda a: auth.mfa.verify(
            {"factor_id": a["factor"], "challenge_id": a["challenge"], "code": a["code"]}
        ),
        "challenge_and_verify": lambda a: auth.mfa.challenge_and_verify({"factor_id": a["factor"], "code": a["code"]}),
        "unenroll": lambda a: auth.mfa.unenroll({"factor_id": a["factor"]}),
        "factors": lambda a: auth.mfa.list_factors(),
        "aal": lambda a: auth.mfa.get_authenticator_assurance_level(),
        "create_user": lambda a: admin.create_user(a),
        "list_users": lambda a: admin.list_users(page=1, per_page=100),
        "get_user_by_id": lambda a: admin.get_user_by_id(a["id"]),
        "update_user_by_id": lambda a: admin.update_user_by_id(a["id"], a["changes"]),
        "invite": lambda a: admin.invite_user_by_email(a["email"]),
        "delete_user": lambda a: admin.delete_user(a["id"]),
    }


def told(data: Any) -> dict[str, Any]:
    """What a scenario looks at, named alike for both clients."""
    user, totp = getattr(data, "user", None), getattr(data, "totp", None)
    level = getattr(data, "current_level", None)
    return {
        "error": None,
        "email": getattr(user, "email", None),
        "new_email": getattr(user, "new_email", None),
        "user_id": getattr(user, "id", None),
        "id": getattr(data, "id", None),
        "refresh_token": getattr(getattr(data, "session", None), "refresh_token", None),
        "secret": getattr(totp, "secret", None),
        "picture": getattr(totp, "qr_code", None),
        "factors": len(totp) if isinstance(totp, list) else None,
        "levels": [level, data.next_level] if level else None,
        "alg": data["headers"]["alg"] if isinstance(data, dict) else None,
        "emails": [each.email for each in data] if isinstance(data, list) else None,
    }


@asynccontextmanager
async def by_python(edge: Edge) -> AsyncGenerator[Call]:
    async with AsyncExitStack() as stack:
        clients: list[AsyncClient] = []
        for key in (edge.key, secret_key(edge)):
            http = await stack.enter_async_context(httpx.AsyncClient())
            clients.append(await acreate_client(edge.url, key, AsyncClientOptions(httpx_client=http)))
            stack.push_async_callback(clients[-1].realtime.close)
        calls = calls_of(*clients)

        async def call(name: str, /, **args: Any) -> dict[str, Any]:
            try:
                return told(await calls[name](args))
            except AuthApiError as error:
                return {"error": [error.status, error.code]}

        yield call


@asynccontextmanager
async def by_javascript(edge: Edge) -> AsyncGenerator[Call]:
    program = shutil.which("node")
    if program is None or not (JS_CLIENTS / "@supabase" / "supabase-js").exists():
        missing = "needs Node and frontend/node_modules/@supabase/supabase-js (make install)"
        assert os.environ.get("NIGHTDESK_REQUIRE_REAL") != "1", missing
        pytest.skip(missing)
    process = await asyncio.create_subprocess_exec(
        program,
        "--experimental-websocket",
        str(Path(__file__).with_name("scenario.cjs")),
        json.dumps({"url": edge.url, "key": edge.key, "secret": secret_key(edge)}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "NODE_PATH": str(JS_CLIENTS)},
    )
    assert process.stdin is not None
    assert process.stdout is not None

    async def call(name: str, /, **args: Any) -> dict[str, Any]:
        process.stdin.write(json.dumps({"call": name, "args": args}).encode() + b"\n")
        line = await asyncio.wait_for(process.stdout.readline(), 80)
        return json.loads(line)

    try:
        yield call
    finally:
        process.kill()
        await process.communicate()


CLIENTS = {"supabase-py": by_python, "supabase-js": by_javascript}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
@pytest.mark.parametrize("client", CLIENTS)
async def test_both_clients_are_served_alike(edge: Edge, client: str, scenario: Callable[..., Awaitable[None]]) -> None:
    async with CLIENTS[client](edge) as call:
        await scenario(call, edge, f"{scenario.__name__}.{client}@example.org")


async def test_strangers_sign_up_where_the_door_is_open(postgres_server: TestServer) -> None:
    with postgres_server.database() as url, running(url, signup_open=True) as edge:
        for client, opened in CLIENTS.items():
            async with opened(edge) as call:
                await an_open_door(call, edge, f"{client}@example.org")

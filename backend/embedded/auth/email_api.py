"""/auth/v1 as supabase-js and supabase-py call it for what goes through a mailbox."""

from typing import Any

from fastapi import APIRouter, BackgroundTasks

from backend.embedded.auth import email_flows, guard, users
from backend.embedded.auth.schemas import CodeGiven, CodeWanted, SignUp
from backend.embedded.auth.wire import AuthDep, AuthRoute, ClaimsDep, ClientDep, DepsDep

router = APIRouter(prefix="/auth/v1", route_class=AuthRoute, tags=["auth"])


@router.post("/signup")
async def sign_up(body: SignUp, auth: AuthDep, deps: DepsDep, client: ClientDep) -> dict[str, Any]:
    """Makes an account where strangers may; elsewhere people are invited."""
    return await email_flows.sign_up(auth, body, client, deps.clock.now())


@router.post("/recover")
async def recover(
    body: CodeWanted, auth: AuthDep, deps: DepsDep, client: ClientDep, after: BackgroundTasks
) -> dict[str, Any]:
    """Sends a code with which to choose a new password."""
    now, email = deps.clock.now(), users.normal_email(body.email)
    await guard.ask_for_letter(auth, email, body.captcha_token, client, now)
    after.add_task(email_flows.ask, auth, email, "recovery", now)
    return {}


@router.post("/otp")
async def sign_in_by_code(
    body: CodeWanted, auth: AuthDep, deps: DepsDep, client: ClientDep, after: BackgroundTasks
) -> dict[str, Any]:
    """Sends a code with which to sign in. An account is never made here."""
    now, email = deps.clock.now(), users.normal_email(body.email)
    await guard.ask_for_letter(auth, email, body.captcha_token, client, now)
    after.add_task(email_flows.ask, auth, email, "magiclink", now)
    return {}


@router.post("/resend")
async def resend(
    body: CodeWanted, auth: AuthDep, deps: DepsDep, client: ClientDep, after: BackgroundTasks
) -> dict[str, Any]:
    """Sends the code of a sign-up or of a change of address again."""
    now, email = deps.clock.now(), users.normal_email(body.email)
    await guard.ask_for_letter(auth, email, body.captcha_token, client, now)
    after.add_task(email_flows.ask_again, auth, email, body.type, now)
    return {}


@router.post("/verify")
async def verify(body: CodeGiven, auth: AuthDep, deps: DepsDep, client: ClientDep) -> dict[str, Any]:
    """Trades a code for a session."""
    return await email_flows.confirm(auth, body, client, deps.clock.now())


@router.get("/reauthenticate")
async def reauthenticate(auth: AuthDep, deps: DepsDep, claims: ClaimsDep) -> dict[str, Any]:
    """Sends a nonce for PUT /user."""
    await email_flows.reauthenticate(auth, claims, deps.clock.now())
    return {}

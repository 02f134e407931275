"""/auth/v1/factors as supabase-js and supabase-py call it, and our own /factors/recovery-codes."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from backend.embedded.auth import mfa
from backend.embedded.auth.schemas import Enrolment, Verification
from backend.embedded.auth.wire import AuthDep, AuthRoute, ClaimsDep, ClientDep, DepsDep

router = APIRouter(prefix="/auth/v1/factors", route_class=AuthRoute, tags=["auth"])


@router.post("")
async def enrol(body: Enrolment, auth: AuthDep, deps: DepsDep, claims: ClaimsDep) -> dict[str, Any]:
    """A new factor with its QR code; it counts once a code was verified."""
    return await mfa.enrol(auth, claims, body, deps.clock.now())


@router.get("/recovery-codes")
async def count_recovery_codes(auth: AuthDep, claims: ClaimsDep) -> dict[str, Any]:
    """How many recovery codes are left."""
    return await mfa.count_recovery_codes(auth, claims)


@router.post("/recovery-codes")
async def make_recovery_codes(auth: AuthDep, deps: DepsDep, claims: ClaimsDep) -> dict[str, Any]:
    """Ten new recovery codes, shown this once; needs aal2."""
    return await mfa.make_recovery_codes(auth, claims, deps.clock.now())


@router.post("/{factor_id}/challenge")
async def challenge(
    factor_id: UUID, auth: AuthDep, deps: DepsDep, claims: ClaimsDep, client: ClientDep
) -> dict[str, Any]:
    """Opens the time in which a code can be given."""
    return await mfa.challenge(auth, claims, factor_id, client, deps.clock.now())


@router.post("/{factor_id}/verify")
async def verify(
    factor_id: UUID, body: Verification, auth: AuthDep, deps: DepsDep, claims: ClaimsDep, client: ClientDep
) -> dict[str, Any]:
    """Raises the session to aal2; a recovery code in place of the six digits takes the factor away."""
    return await mfa.verify(auth, claims, factor_id, body, client, deps.clock.now())


@router.delete("/{factor_id}")
async def unenrol(factor_id: UUID, auth: AuthDep, claims: ClaimsDep) -> dict[str, Any]:
    """Takes a factor away; a verified one needs aal2."""
    return await mfa.unenrol(auth, claims, factor_id)

"""/auth/v1/admin and /auth/v1/invite: only for the secret key, which no browser may hold."""

import math
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from backend.embedded.auth import admin, users
from backend.embedded.auth.errors import NoAuthorization, NotAdmin
from backend.embedded.auth.schemas import AdminUser, Deletion, Invitation
from backend.embedded.auth.wire import AuthDep, AuthRoute, DepsDep


async def only_service(request: Request, auth: AuthDep) -> None:
    """As Bearer a secret key counts only when it is the apikey, too. Raises NoAuthorization, NotAdmin."""
    key = request.headers.get("apikey", "")
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise NoAuthorization()
    if bearer.strip() != key or auth.keys.kind_of(key) != "secret":
        raise NotAdmin()


router = APIRouter(prefix="/auth/v1", route_class=AuthRoute, tags=["auth"], dependencies=[Depends(only_service)])


@router.get("/admin/users")
async def list_users(
    response: Response,
    auth: AuthDep,
    page: Annotated[int, Query(ge=0)] = 1,
    per_page: Annotated[int, Query(ge=0, le=admin.MOST_PER_PAGE)] = 50,
) -> dict[str, Any]:
    """Users by page; the headers x-total-count and link are GoTrue's."""
    number, size = page or 1, per_page or 50
    async with auth.db.transaction() as session:
        shown, total = await admin.page(session, number, size)
    last = max(1, math.ceil(total / size))
    links = [f'</admin/users?page={last}&per_page={size}>; rel="last"']
    if number < last:
        links.insert(0, f'</admin/users?page={number + 1}&per_page={size}>; rel="next"')
    response.headers["x-total-count"] = str(total)
    response.headers["link"] = ", ".join(links)
    return {"users": shown, "aud": "authenticated"}


@router.post("/admin/users")
async def create_user(body: AdminUser, auth: AuthDep, deps: DepsDep) -> dict[str, Any]:
    """A user, confirmed when asked for."""
    async with auth.db.transaction() as session:
        return await admin.create(session, body, deps.clock.now())


@router.get("/admin/users/{user_id}")
async def get_user(user_id: UUID, auth: AuthDep) -> dict[str, Any]:
    """One user."""
    async with auth.db.transaction() as session:
        return users.shown(await admin.find(session, user_id))


@router.put("/admin/users/{user_id}")
async def change_user(user_id: UUID, body: AdminUser, auth: AuthDep, deps: DepsDep) -> dict[str, Any]:
    """Changes what is given."""
    async with auth.db.transaction() as session:
        return await admin.change(session, user_id, body, deps.clock.now())


@router.delete("/admin/users/{user_id}")
async def delete_user(user_id: UUID, auth: AuthDep, deps: DepsDep, body: Deletion | None = None) -> dict[str, Any]:
    """Deletes a user."""
    async with auth.db.transaction() as session:
        await admin.delete(session, user_id, deps.clock.now(), soft=bool(body and body.should_soft_delete))
    return {}


@router.get("/admin/users/{user_id}/factors")
async def list_factors(user_id: UUID, auth: AuthDep) -> list[dict[str, Any]]:
    """The second factors of a user."""
    async with auth.db.transaction() as session:
        return users.shown(await admin.find(session, user_id))["factors"]


@router.delete("/admin/users/{user_id}/factors/{factor_id}")
async def delete_factor(user_id: UUID, factor_id: UUID, auth: AuthDep) -> dict[str, Any]:
    """Takes a second factor away from a user."""
    async with auth.db.transaction() as session:
        return await admin.remove_factor(session, user_id, factor_id)


@router.post("/invite")
async def invite(body: Invitation, auth: AuthDep, deps: DepsDep) -> dict[str, Any]:
    """Invites somebody by mail."""
    async with auth.db.transaction() as session:
        return await admin.invite(session, auth, body, deps.clock.now())

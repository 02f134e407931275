"""The drill signs in as a user of its own: made once, with a new password each time, here and on Supabase."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import text

from backend.client import Account
from backend.deps import Deps
from backend.drill import account
from backend.embedded.auth import passwords
from backend.errors import Unavailable
from backend.settings import load_settings
from tests.fakes.server import Fake, Request, serve
from tests.support import people


@dataclass
class Admin(Fake):
    """Supabase's user administration: PUT /auth/v1/admin/users/{id}."""

    def answer(self, request: Request) -> tuple[int, Any]:
        return 200, {"id": request.path.rsplit("/", 1)[1]}


async def stored(deps: Deps) -> list[Any]:
    async with deps.db.transaction() as session:
        query = (
            "select u.encrypted_password, m.role, t.slug from auth.users u"
            " join public.team_members m on m.user_id = u.id join public.teams t on t.id = m.team_id"
            " where u.email = :email"
        )
        return list(await session.execute(text(query), {"email": account.EMAIL}))


async def renew(deps: Deps, **settings: str) -> Account:
    deps = replace(deps, settings=load_settings(data_dir=deps.settings.data_dir, **settings))
    async with deps.db.transaction() as session:
        return await account.renew(deps, session)


async def test_the_second_drill_has_the_same_user_and_another_password(deps: Deps):
    first, second = await renew(deps), await renew(deps)
    assert first.email == second.email
    ((hashed, role, team),) = await stored(deps)
    assert (role, team) == ("admin", "default")
    assert passwords.matches(second.password, hashed)
    assert not passwords.matches(first.password, hashed)


async def test_on_supabase_the_password_is_changed_by_its_administration(deps: Deps):
    user_id = await people.join(deps, account.EMAIL, "viewer")
    with serve(Admin()) as admin:
        made = await renew(deps, supabase_url=admin.url, supabase_service_role_key="sb_secret_x")
        (request,) = admin.requests
        assert (request.method, request.path) == ("PUT", f"/auth/v1/admin/users/{user_id}")
        assert request.json == {"password": made.password}
        admin.statuses.append(500)
        with pytest.raises(Unavailable, match="did not let the drill's user sign in"):
            await renew(deps, supabase_url=admin.url, supabase_service_role_key="sb_secret_x")
    ((_, role, _),) = await stored(deps)
    assert role == "admin"

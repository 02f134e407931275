"""/api/me/profile and /api/me/team: what people change about themselves."""

from typing import Any

from fastapi import APIRouter
from sqlalchemy import Row

from backend.access import DepsDep, Person, PersonDep
from backend.audit.service import Thing, record
from backend.errors import Forbidden
from backend.profile import service
from backend.profile.schemas import Profile, ProfilePatch, TeamChoice

router = APIRouter(prefix="/api/me", tags=["session"])


@router.get("/profile")
async def get_profile(deps: DepsDep, person: PersonDep) -> Profile:
    """Your profile."""
    async with deps.db.transaction() as session:
        return _shown(person, await service.read(session, person.user_id, deps.clock.now()))


@router.patch("/profile")
async def change_profile(body: ProfilePatch, deps: DepsDep, person: PersonDep) -> Profile:
    """Changes what is given."""
    now, values = deps.clock.now(), body.model_dump(exclude_unset=True)
    async with deps.db.transaction() as session:
        before = await service.read(session, person.user_id, now)
        row = await service.change(session, person.user_id, values, now)
        sides = ({name: getattr(side, name) for name in values} for side in (before, row))
        thing = Thing("profile", person.user_id, person.email)
        await record(session, person, "profile.update", thing, now, before=next(sides), after=next(sides))
        return _shown(person, row)


@router.post("/team", status_code=204)
async def choose_team(body: TeamChoice, deps: DepsDep, person: PersonDep) -> None:
    """The team you work in when a request does not say which (`X-Team`)."""
    team = next((t for t in person.teams if body.team in (t.slug, str(t.team_id))), None)
    if team is None:
        raise Forbidden("You are not a member of that team.")
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        await service.change(session, person.user_id, {"current_team_id": team.team_id}, now)
        thing = Thing("team", team.team_id, team.slug)
        await record(session, person, "profile.choose_team", thing, now, team_id=team.team_id)


def _shown(person: Person, row: Row[Any]) -> Profile:
    return Profile(
        user_id=person.user_id,
        email=person.email,
        name=row.name,
        avatar_url=row.avatar_url,
        time_zone=row.time_zone,
        locale=row.locale,
        preferences=row.preferences,
        is_platform_admin=row.is_platform_admin,
    )

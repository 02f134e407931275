"""GET /api/me: the caller, the team they act for, and what they may do."""

from fastapi import APIRouter

from backend.access import CallerDep
from backend.team.schemas import Me, Membership, Team, User

router = APIRouter(tags=["session"])


@router.get("/api/me")
async def me(caller: CallerDep) -> Me:
    """The caller. The header X-Team (slug or id) chooses among several teams."""
    current = caller.team
    return Me(
        user=User(id=caller.user_id, email=caller.email, name=caller.name),
        team=Team(id=current.team_id, name=current.name, slug=current.slug),
        role=current.role,
        permissions=sorted(caller.permissions),
        teams=[Membership(id=t.team_id, name=t.name, slug=t.slug, role=t.role) for t in caller.teams],
    )

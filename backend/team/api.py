"""GET /api/me and /api/permissions: the caller, the team they act for, and what may be done."""

from fastapi import APIRouter

from backend.access import CallerDep
from backend.permissions import GRANTABLE, PERMISSIONS, ROLE_PERMISSIONS, ROLES
from backend.team.schemas import (
    ApiKeyName,
    CurrentTeam,
    Me,
    Membership,
    Permission,
    Permissions,
    RoleOut,
    User,
    VisitOut,
)

router = APIRouter(tags=["session"])


@router.get("/api/me")
async def me(caller: CallerDep) -> Me:
    """The caller. The header X-Team (slug or id) chooses among several teams."""
    current = caller.team
    return Me(
        user=User(id=caller.user_id, email=caller.email, name=caller.name),
        team=CurrentTeam(
            id=current.team_id,
            name=current.name,
            slug=current.slug,
            plan=current.plan,
            trial_ends_at=current.trial_ends_at,
            suspended_at=current.suspended_at,
            suspended_reason=current.suspended_reason,
        ),
        role=current.role,
        permissions=sorted(caller.permissions),
        teams=[
            Membership(id=t.team_id, name=t.name, slug=t.slug, role=t.role, suspended=t.suspended_at is not None)
            for t in caller.teams
        ],
        is_platform_admin=caller.is_platform_admin,
        api_key=ApiKeyName(id=caller.key.id, name=caller.key.name) if caller.key else None,
        impersonation=VisitOut.model_validate(caller.visit) if caller.visit else None,
    )


@router.get("/api/permissions")
async def permissions(_: CallerDep) -> Permissions:
    """Everything that may be done, by name; what each role may do; what an API key can be given."""
    return Permissions(
        permissions=[
            Permission(name=name, description=text, grantable=name in GRANTABLE) for name, text in PERMISSIONS.items()
        ],
        roles=[
            RoleOut(name=role, description=text, permissions=sorted(ROLE_PERMISSIONS[role]))
            for role, text in ROLES.items()
        ],
    )

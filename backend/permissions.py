"""What may be done, by name, and which role may do it: the one table that the API, the UI and the docs read."""

from collections.abc import Iterable
from typing import Literal

Role = Literal["owner", "admin", "responder", "viewer"]

PERMISSIONS: dict[str, str] = {
    "incident.read": "See incidents, evidence, actions and post-mortems",
    "incident.write": "Create, acknowledge, investigate, resolve and reopen incidents",
    "action.decide": "Approve, reject and postpone actions",
    "postmortem.write": "Edit post-mortems",
    "change.read": "See deploys and other changes",
    "change.write": "Register deploys and other changes",
    "monitor.read": "See monitors and their checks",
    "monitor.write": "Create and change monitors",
    "runbook.read": "See runbooks",
    "runbook.write": "Write, change, import and remove runbooks",
    "hook.read": "See runbook hooks",
    "hook.write": "Register and change runbook hooks",
    "integration.read": "See integrations",
    "integration.write": "Create, rotate and revoke integrations",
    "system.read": "See the health of Nightdesk itself",
    "team.read": "See the team and its members",
    "team.write": "Change the team's name, address and settings",
    "member.write": "Change the roles of members and remove them",
    "invitation.read": "See open invitations",
    "invitation.write": "Invite people, and revoke invitations",
    "apikey.read": "See API keys",
    "apikey.write": "Create and revoke API keys",
    "audit.read": "See who did what in the team",
    "team.transfer": "Hand the team over to another member",
    "team.delete": "Delete the team with everything in it",
    "abuse.read": "See attempts to sign in and blocked addresses",
    "abuse.write": "Let blocked addresses in again",
    "platform.read": "See all teams and the settings of the installation",
    "platform.team": "Make, suspend and extend any team",
    "platform.impersonate": "Act as a member of any team, for a while and on the record",
    "platform.maintenance": "Turn maintenance mode on and off",
}

# Those who run the installation have these on top of what their role in a team gives.
PLATFORM_PERMISSIONS = frozenset(name for name in PERMISSIONS if name.startswith(("abuse.", "platform.")))
_OWNERS = frozenset({"team.transfer", "team.delete"})
_ADMINS_SEE = frozenset({"invitation.read", "apikey.read", "audit.read"})
_ADMIN = frozenset(PERMISSIONS) - PLATFORM_PERMISSIONS - _OWNERS
_VIEW = frozenset(name for name in _ADMIN if name.endswith(".read")) - _ADMINS_SEE
_RESPOND = _VIEW | {"incident.write", "action.decide", "postmortem.write", "runbook.write", "change.write"}

ROLE_PERMISSIONS: dict[Role, frozenset[str]] = {
    "viewer": _VIEW,
    "responder": _RESPOND,
    "admin": _ADMIN,
    "owner": _ADMIN | _OWNERS,
}
ROLES: dict[Role, str] = {
    "viewer": "Sees everything, changes nothing",
    "responder": "On call: works on incidents, approves and rejects actions",
    "admin": "Also sets up monitors, hooks, integrations, members and keys",
    "owner": "Also hands the team over or deletes it; a team always has one",
}
# From least to most.
RANK: dict[Role, int] = {"viewer": 0, "responder": 1, "admin": 2, "owner": 3}

# A machine never approves what another machine proposed, and makes no further keys, members or owners.
GRANTABLE = _ADMIN - {"action.decide", "apikey.write", "invitation.write", "member.write"}
# A visitor from support neither decides for the team nor leaves with a credential of it or a place in it.
NOT_FOR_VISITORS = _OWNERS | {
    "action.decide",
    "apikey.write",
    "hook.write",
    "integration.write",
    "invitation.write",
    "member.write",
}


def ungrantable(scopes: Iterable[str], permissions: frozenset[str]) -> str | None:
    """Why somebody with these permissions may not make an API key with these scopes, or None."""
    for scope in scopes:
        if scope not in PERMISSIONS:
            return f"There is no permission {scope!r}. GET /api/permissions lists them."
        if scope == "action.decide":
            return "An API key never approves actions: that takes a person."
        if scope not in GRANTABLE:
            return f"An API key cannot have {scope}."
        if scope not in permissions:
            return f"You do not have {scope} yourself."
    return None

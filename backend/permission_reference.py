"""Writes docs/permissions.md from the table of permissions: python -m backend.permission_reference."""

import sys

from backend.permissions import GRANTABLE, PERMISSIONS, PLATFORM_PERMISSIONS, ROLE_PERMISSIONS, ROLES

HEAD = """# Who may do what

Made from `backend/permissions.py` by `make generate`; do not edit by hand. The API answers the same at
`GET /api/permissions`.

A person has one role in each of their teams. A **platform admin** runs the installation: the first user is one, and
`nightdesk user create --platform-admin` makes more. An **API key** belongs to a team and has the scopes it was given,
never more than its maker has. It never decides about actions: that takes a person. Support that acts as somebody else
(`X-Impersonate`) neither decides nor touches credentials.

"""


def document() -> str:
    """The reference as Markdown."""
    roles = [f"| {role} | {text} |" for role, text in ROLES.items()]
    rows = [_row(name, text) for name, text in PERMISSIONS.items()]
    titles = [*ROLES, "platform admin", "API key"]
    head = f"| Permission | What it allows | {' | '.join(titles)} |\n|---|---|{'---|' * len(titles)}"
    return HEAD + "\n".join(["| Role | |\n|---|---|", *roles, "", head, *rows]) + "\n"


def _row(name: str, text: str) -> str:
    marks = [name in ROLE_PERMISSIONS[role] for role in ROLES] + [name in PLATFORM_PERMISSIONS, name in GRANTABLE]
    return f"| `{name}` | {text} | {' | '.join('yes' if mark else '' for mark in marks)} |"


if __name__ == "__main__":
    sys.stdout.write(document())

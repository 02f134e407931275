"""What a team may be called, how many fit a plan, and who may do what to whose membership. Pure."""

import re
from dataclasses import dataclass

from backend.errors import Conflict, Forbidden, Invalid, NightdeskError
from backend.permissions import RANK, Role

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_SPACES = re.compile(r"[\s_]+")
_EMAIL = re.compile(r"[!-?A-~]+@[!-?A-~]+")
_MOST_EMAIL_CHARS = 254


class BadSlug(Invalid):
    """A team's address has 1 to 63 of a-z, 0-9 and -, and starts with a letter or digit; nothing that looks alike."""

    code = "bad_slug"


class BadEmail(Invalid):
    """This is no mail address with plain letters. Domains with other letters have an xn-- form."""

    code = "bad_email"


class LastOwner(Conflict):
    """A team always has an owner: make somebody else owner first."""

    code = "last_owner"


class AboveYou(Forbidden):
    """Only an owner makes, changes or removes owners."""

    code = "above_you"


class LimitReached(NightdeskError):
    """The plan of this team does not allow more of these."""

    status, code = 402, "limit_reached"


@dataclass(frozen=True)
class Plan:
    """How much a team may have; None: as much as it likes."""

    members: int | None = None
    monitors: int | None = None
    integrations: int | None = None


PLANS: dict[str, Plan] = {"unlimited": Plan(), "free": Plan(5, 20, 3), "team": Plan(50, 500, 50)}


def normal_slug(wanted: str) -> str:
    """The one spelling of a slug: lower case, spaces become dashes. Raises BadSlug."""
    slug = _SPACES.sub("-", wanted.strip()).lower() if wanted.isascii() else ""
    if not _SLUG.fullmatch(slug):
        raise BadSlug()
    return slug


def normal_email(email: str) -> str:
    """The one spelling of an address: printable ASCII, lower case. Raises BadEmail for what merely looks like one."""
    spelled = email.strip().lower()
    if len(spelled) > _MOST_EMAIL_CHARS or not _EMAIL.fullmatch(spelled):
        raise BadEmail()
    return spelled


def over_limit(plan: str, what: str, have: int) -> LimitReached | None:
    """Why one more does not fit, or None. An unknown plan has no limits."""
    limit: int | None = getattr(PLANS.get(plan, Plan()), what)
    if limit is None or have < limit:
        return None
    return LimitReached(f"The plan {plan!r} has room for {limit} {what}.", limit=limit)


def membership_refusal(mine: Role, theirs: Role, wanted: Role | None, *, owners: int) -> NightdeskError | None:
    """Why a member's role may not become `wanted` (None: they go), or None. `mine`: of whoever wants it."""
    if "owner" in (theirs, wanted) and mine != "owner":
        return AboveYou()
    if wanted is not None and RANK[wanted] > RANK[mine]:
        return AboveYou()
    if theirs == "owner" and wanted != "owner" and owners <= 1:
        return LastOwner()
    return None

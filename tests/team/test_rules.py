"""Slugs, addresses, limits and memberships: the rules as tables."""

import pytest

from backend.errors import NightdeskError
from backend.permissions import Role
from backend.team.rules import BadEmail, BadSlug, membership_refusal, normal_email, normal_slug, over_limit


@pytest.mark.parametrize(("wanted", "slug"), [("Acme", "acme"), (" My Team ", "my-team"), ("a_b", "a-b"), ("9", "9")])
def test_slugs_have_one_spelling(wanted: str, slug: str):
    assert normal_slug(wanted) == slug


# In the second the letters are Cyrillic, in the third there is a zero-width space, in the fourth a Kelvin sign.
@pytest.mark.parametrize(
    "wanted", ["", "асme", "ac\u200bme", "\u212aelvin", "ａcme", "-acme", "a/b", "a" * 64, "a\0b", "é"]
)
def test_what_looks_like_a_slug_is_none(wanted: str):
    with pytest.raises(BadSlug):
        normal_slug(wanted)


def test_addresses_have_one_spelling():
    assert normal_email(" Dora@Example.ORG ") == "dora@example.org"


@pytest.mark.parametrize(
    "email", ["dоra@example.org", "dora@exａmple.org", "dora", "a b@c.d", "d@e@f\n", "x" * 251 + "@e.f"]
)
def test_what_looks_like_an_address_is_none(email: str):
    with pytest.raises(BadEmail):
        normal_email(email)


@pytest.mark.parametrize(
    ("plan", "what", "have", "refused"),
    [
        ("free", "members", 4, False),
        ("free", "members", 5, True),
        ("free", "monitors", 20, True),
        ("unlimited", "monitors", 10**6, False),
        ("gone", "members", 99, False),
    ],
)
def test_limits(plan: str, what: str, have: int, refused: bool):
    assert (over_limit(plan, what, have) is not None) is refused


@pytest.mark.parametrize(
    ("mine", "theirs", "wanted", "owners", "code"),
    [
        ("admin", "viewer", "admin", 1, None),
        ("admin", "admin", "viewer", 1, None),
        ("admin", "viewer", "owner", 1, "above_you"),
        ("admin", "owner", "viewer", 2, "above_you"),
        ("admin", "owner", None, 2, "above_you"),
        ("owner", "owner", "admin", 1, "last_owner"),
        ("owner", "owner", None, 1, "last_owner"),
        ("owner", "owner", None, 2, None),
        ("owner", "viewer", "owner", 1, None),
        ("viewer", "viewer", None, 1, None),
    ],
)
def test_who_may_do_what_to_whose_membership(
    mine: Role, theirs: Role, wanted: Role | None, owners: int, code: str | None
):
    refusal: NightdeskError | None = membership_refusal(mine, theirs, wanted, owners=owners)
    assert (refusal and refusal.code) == code

"""JSON of the profile."""

import json
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

MOST_PREFERENCE_BYTES = 16_384


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("not an IANA time zone such as Europe/Amsterdam")
    return name


def _small(values: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(values).encode()) > MOST_PREFERENCE_BYTES:
        raise ValueError(f"more than {MOST_PREFERENCE_BYTES} bytes")
    return values


Zone = Annotated[str, Field(max_length=64), AfterValidator(_zone)]
Locale = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
# A small picture in the profile itself: pages load nothing from elsewhere.
Avatar = Annotated[
    str, StringConstraints(pattern=r"^data:image/(png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}$", max_length=65_536)
]
Preferences = Annotated[dict[str, Any], AfterValidator(_small)]


class Profile(BaseModel):
    """Who somebody is, as they wrote it down."""

    user_id: UUID
    email: str
    name: str
    avatar_url: str | None
    time_zone: str
    locale: str
    preferences: dict[str, Any]
    is_platform_admin: bool


class ProfilePatch(BaseModel):
    """What to change; `preferences` replaces the whole object."""

    model_config = ConfigDict(extra="forbid")

    name: Name = ""
    avatar_url: Avatar | None = None
    time_zone: Zone = "UTC"
    locale: Locale = "en"
    preferences: Preferences = Field(default_factory=dict)


class TeamChoice(BaseModel):
    """The team to work in from now on: slug or id."""

    model_config = ConfigDict(extra="forbid")

    team: str = Field(min_length=1, max_length=63)

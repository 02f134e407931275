"""Request bodies of the auth edge. Clients send more than we read: unknown members are ignored, as GoTrue does."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Body(BaseModel):
    """Parent of the bodies."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class TokenRequest(Body):
    """POST /token: of both grants; which members count is said by `grant_type`."""

    email: str | None = Field(None, max_length=1000)
    password: str | None = Field(None, max_length=1000)
    refresh_token: str | None = Field(None, max_length=1000)


class UserChange(Body):
    """PUT /user."""

    email: str | None = Field(None, max_length=1000)
    password: str | None = Field(None, max_length=1000)
    current_password: str | None = Field(None, max_length=1000)
    data: dict[str, Any] | None = None


class Enrolment(Body):
    """POST /factors."""

    factor_type: str = Field(max_length=20)
    friendly_name: str | None = Field(None, max_length=100)
    issuer: str | None = Field(None, max_length=100)


class Verification(Body):
    """POST /factors/{id}/verify: the six digits of an app, or a recovery code."""

    challenge_id: UUID = Field(strict=False)
    code: str = Field(min_length=1, max_length=40)

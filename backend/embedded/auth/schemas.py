"""Request bodies of the auth edge. Clients send more than we read: unknown members are ignored, as GoTrue does."""

from typing import Any

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

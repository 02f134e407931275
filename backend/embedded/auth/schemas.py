"""Request bodies of the auth edge. Clients send more than we read: unknown members are ignored, as GoTrue does."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Body(BaseModel):
    """Parent of the bodies."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class MetaSecurity(Body):
    """What supabase-js sends along where a CAPTCHA may be asked for."""

    captcha_token: str | None = Field(None, max_length=4000)


class Guarded(Body):
    """Bodies that may carry a CAPTCHA's solution."""

    gotrue_meta_security: MetaSecurity | None = None

    @property
    def captcha_token(self) -> str | None:
        return self.gotrue_meta_security.captcha_token if self.gotrue_meta_security else None


class TokenRequest(Guarded):
    """POST /token: of both grants; which members count is said by `grant_type`."""

    email: str | None = Field(None, max_length=1000)
    password: str | None = Field(None, max_length=1000)
    refresh_token: str | None = Field(None, max_length=1000)


class UserChange(Body):
    """PUT /user."""

    email: str | None = Field(None, max_length=1000)
    password: str | None = Field(None, max_length=1000)
    current_password: str | None = Field(None, max_length=1000)
    nonce: str | None = Field(None, max_length=100)
    data: dict[str, Any] | None = None


class SignUp(Guarded):
    """POST /signup."""

    email: str = Field(max_length=1000)
    password: str = Field(max_length=1000)
    data: dict[str, Any] | None = None


class CodeWanted(Guarded):
    """POST /recover, /otp and /resend."""

    email: str = Field(max_length=1000)
    type: str = Field("signup", max_length=20)
    create_user: bool = True
    data: dict[str, Any] | None = None


class CodeGiven(Guarded):
    """POST /verify."""

    type: str = Field(max_length=20)
    email: str | None = Field(None, max_length=1000)
    token: str | None = Field(None, max_length=100)


class AdminUser(Body):
    """POST and PUT /admin/users."""

    id: UUID | None = Field(None, strict=False)
    email: str | None = Field(None, max_length=1000)
    password: str | None = Field(None, max_length=1000)
    email_confirm: bool = False
    user_metadata: dict[str, Any] | None = None
    app_metadata: dict[str, Any] | None = None
    ban_duration: str | None = Field(None, max_length=40)


class Invitation(Body):
    """POST /invite."""

    email: str = Field(max_length=1000)
    data: dict[str, Any] | None = None


class Deletion(Body):
    """DELETE /admin/users/{id}."""

    should_soft_delete: bool = False


class Enrolment(Body):
    """POST /factors."""

    factor_type: str = Field(max_length=20)
    friendly_name: str | None = Field(None, max_length=100)
    issuer: str | None = Field(None, max_length=100)


class Verification(Body):
    """POST /factors/{id}/verify: the six digits of an app, or a recovery code."""

    challenge_id: UUID = Field(strict=False)
    code: str = Field(min_length=1, max_length=40)

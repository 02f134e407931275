"""JSON of invitations."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

InvitedRole = Literal["admin", "responder", "viewer"]


class NewInvitation(BaseModel):
    """Whom to invite, and as what."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(min_length=3, max_length=254)
    role: InvitedRole


class Invitation(BaseModel):
    """An open invitation. `mail`: whether its letter was sent, waits, failed, or no mail server is set up."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    role: InvitedRole
    inviter_name: str
    created_at: datetime
    expires_at: datetime


class CreatedInvitation(Invitation):
    """`link` is there, this once, when no mail server is set up: hand it over yourself."""

    mail_sent: bool
    link: str | None


class InvitationPage(BaseModel):
    """The team's open invitations."""

    items: list[Invitation]
    next_cursor: Literal[None] = None


class InvitationInfo(BaseModel):
    """What whoever holds the link may know. `has_account`: sign in to accept; else choose a password."""

    team_name: str
    inviter_name: str
    email: str
    role: InvitedRole
    expires_at: datetime
    has_account: bool


class Acceptance(BaseModel):
    """For somebody new: the password they choose."""

    model_config = ConfigDict(extra="forbid")

    password: SecretStr
    name: str = Field("", max_length=200)


class Accepted(BaseModel):
    """The team they are in now."""

    team_id: UUID
    team_slug: str
    email: str

"""Attempts to sign in and blocked addresses as platform admins see them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

Outcome = Literal["succeeded", "failed", "delayed", "captcha_required", "blocked", "mfa_failed", "code_requested"]


class Attempt(BaseModel):
    """One attempt to sign in. `email` is what was typed, `user_id` who it turned out to be."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    id: int
    created_at: datetime
    email: str
    user_id: UUID | None
    ip_address: str
    user_agent: str | None
    outcome: Outcome
    country: str | None
    city: str | None


class AttemptPage(BaseModel):
    """One page, the newest first; `next_cursor` leads to the page before."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items: list[Attempt]
    next_cursor: str | None


class BlockedIp(BaseModel):
    """An address, or an IPv6 network, that may not sign in. `blocked_until` null: until somebody lets it in."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    ip_address: str
    reason: str
    blocked_until: datetime | None
    created_at: datetime
    created_by: str


class BlockedIps(BaseModel):
    """Who is shut out now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items: list[BlockedIp]
    next_cursor: None = None

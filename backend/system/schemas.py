"""What the system endpoints answer."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel


class MaintenanceNotice(BaseModel):
    """While it is on nothing can be changed; `notice` says why."""

    on: bool
    notice: str


class PublicConfig(BaseModel):
    """All a client needs to sign in."""

    supabase_url: str
    supabase_key: str
    mode: Literal["embedded", "supabase"]
    version: str
    maintenance: MaintenanceNotice


class Component(BaseModel):
    """One running copy of a process."""

    component: str
    instance: str
    alive: bool
    troubled: bool
    """Alive, and without something it was given; `message` says what to those who run the installation."""
    message: str
    version: str
    started_at: datetime
    last_seen: datetime


class System(BaseModel):
    """Every process that has been seen in the last day."""

    components: list[Component]


class Readiness(BaseModel):
    """Ready, or what is missing."""

    ready: bool
    missing: list[str]

"""Table of the kinds of log line that incidents showed."""

import uuid

from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class IncidentTemplate(Base):
    """One kind of line. `fingerprint` is equal for lines that differ only in their variable parts."""

    __tablename__ = "incident_templates"

    incident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    team_id: Mapped[uuid.UUID]
    template: Mapped[str]

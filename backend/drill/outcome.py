"""How a drill ended, and whether that is a pass."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """Filled in as the drill goes. Seconds: `detect` from breaking to the open incident, `propose` from there to the
    proposal, `recover` from the decision to resolved, `total` from breaking to the post-mortem."""

    incident_id: str | None = None
    status: str | None = None
    action_kind: str | None = None
    action_status: str | None = None
    approved_by: str | None = None
    verification: str | None = None
    post_mortem_chars: int = 0
    marks: dict[str, float] = field(default_factory=dict[str, float])

    def mark(self, name: str, at: float) -> None:
        """Remembers when something happened first, in seconds since the start of the drill."""
        self.marks.setdefault(name, at)

    @property
    def passed(self) -> bool:
        """Resolved, really recovered, and written up."""
        return self.status == "resolved" and self.verification == "recovered" and self.post_mortem_chars > 0

    def document(self) -> dict[str, Any]:
        """The JSON form of `nightdesk drill --json`."""
        return {
            "incident_id": self.incident_id,
            "status": self.status,
            "action": {"kind": self.action_kind, "status": self.action_status, "approved_by": self.approved_by},
            "verification": self.verification,
            "post_mortem_chars": self.post_mortem_chars,
            "seconds": {
                "detect": self._between("broken", "detected"),
                "propose": self._between("detected", "proposed"),
                "recover": self._between("decided", "resolved"),
                "total": self._between("broken", "written"),
            },
        }

    def _between(self, start: str, end: str) -> float | None:
        if start not in self.marks or end not in self.marks:
            return None
        return round(self.marks[end] - self.marks[start], 2)

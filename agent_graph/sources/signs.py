"""What a platform's own state says, as lines that can be quoted and signs that signatures can ask for."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from backend.investigation.kinds import CaseFile, Category
from backend.redaction.clean import one_line

# proof: the platform names the trouble. strong: it fits nothing else well. weak: a hint that needs another.
Weight = Literal["proof", "strong", "weak"]


@dataclass
class Book:
    """Collects lines and signs while a state is read. `scope`: what an action on the target may be done to."""

    lines: list[str] = field(default_factory=list[str])
    signs: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    inventory: list[str] = field(default_factory=list[str])
    scope: list[str] = field(default_factory=list[str])
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    # What processes said as they ended, with the time; their own text, hence no state.
    last_words: list[tuple[datetime | None, str]] = field(default_factory=list[tuple[datetime | None, str]])

    def say(self, line: str) -> str:
        """A line of the state; the same is said once."""
        line = one_line(line, 600)
        if line not in self.lines:
            self.lines.append(line)
        return line

    def sign(
        self,
        category: Category
        | Literal[
            "trouble",
            "trouble_over",
            "other_down",
            "other_off",
            "other_ended",
            "planned",
            "backup",
            "upkeep",
            "on_time",
            "told_delay",
            "made_anew",
            "fewer",
        ],
        weight: Weight,
        line: str,
        *,
        subject: str = "",
        at: datetime | None = None,
        means: str = "",
        first: bool = False,
    ) -> None:
        """A line that means something. `means`: that, in a sentence. `first`: it says more than those before."""
        self.signs.insert(
            0 if first else len(self.signs),
            {
                "category": category,
                "weight": weight,
                "quote": self.say(line),
                "subject": subject,
                "at": at.isoformat() if at else None,
                "means": one_line(means, 400),
            },
        )

    def owns(self, *subjects: str) -> None:
        """These exist and are what the incident is about."""
        self.inventory += subjects
        self.scope += subjects

    def data(self) -> dict[str, Any]:
        """For Evidence.data."""
        return {**self.facts, "signs": self.signs, "scope": list(dict.fromkeys(self.scope))}

    def content(self) -> str:
        return "\n".join(self.lines)


# "Never" is written as the first or last of all moments; some room is left around them to reckon with.
_FIRST, _LAST = datetime(1, 12, 31, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def when(text: Any) -> datetime | None:
    """A platform's time (RFC 3339, or PostgreSQL's with a space), in UTC."""
    if not isinstance(text, str) or not text:
        return None
    normal = text.strip().replace(" ", "T", 1).replace(" ", "")
    if len(normal) > 3 and normal[-3] in "+-" and ":" not in normal[-3:]:
        normal += ":00"
    try:
        at = datetime.fromisoformat(normal)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        # With a zone, the first and the last hours that can be written are beyond what there is in UTC.
        at = _FIRST if normal.startswith("0") else _LAST
    except ValueError:
        return None
    return min(max(at, _FIRST), _LAST)


_HASHED = 5
# A unit that systemd keeps, and what generators put before the name of the container that it runs.
UNIT = re.compile(r"^(?:(?:podman|docker|container)-)?(.+)\.(?:service|container)$")


def aliases(case: CaseFile) -> list[str]:
    """Names under which the target may appear: its own, its labels', its workload's behind generated suffixes."""
    keys = (
        "deployment",
        "statefulset",
        "daemonset",
        "pod",
        "app",
        "container",
        "service",
        "job_name",
        "cronjob",
        "name",
    )
    names = [case.target.name, *(case.target.labels.get(key, "") for key in keys)]
    found = [name for name in names if name]
    for name in list(found):
        found += [stem for stem in stems(name) if stem not in found]
    return list(dict.fromkeys(found))


def stems(name: str) -> list[str]:
    """A pod's owner and its owner's owner: checkout-7d9f8b6c5-x2x4z → checkout."""
    parts = name.split("-")
    if len(parts) >= 3 and _generated(parts[-1]) and _generated(parts[-2], least=6):
        return ["-".join(parts[:-2])]
    if len(parts) >= 2 and (parts[-1].isdigit() or (_generated(parts[-1]) and len(parts[-1]) == _HASHED)):
        return ["-".join(parts[:-1])]
    return []


def _generated(part: str, least: int = _HASHED) -> bool:
    # Kubernetes leaves vowels out of what it makes up, so that no word appears by chance; older hashes are hex.
    return (
        least <= len(part) <= 10 and part.isalnum() and (any(c.isdigit() for c in part) or not set(part) & set("aeiou"))
    )


def belongs(name: str, known: list[str]) -> bool:
    """Is this the target, or one of its replicas?"""
    return any(name == alias or (name.startswith(f"{alias}-") and _replica(name[len(alias) + 1 :])) for alias in known)


def _replica(rest: str) -> bool:
    return all(part.isdigit() or _generated(part, least=4) for part in rest.split("-")) and rest.count("-") <= 1

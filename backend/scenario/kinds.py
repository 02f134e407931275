"""What a scenario is written from. Plain data, no I/O."""

from dataclasses import dataclass

from backend.investigation.kinds import CaseFile, Evidence


@dataclass(frozen=True)
class Remedy:
    """The action that was executed last. `worked`: None when nobody could tell."""

    kind: str
    worked: bool | None


@dataclass(frozen=True)
class Outcome:
    """What the incident turned out to be. `by_person`: somebody corrected the agent."""

    verdict: str
    category: str | None
    root_cause: str | None
    by_person: bool
    remedy: Remedy | None


@dataclass(frozen=True)
class Record:
    """A finished incident: its case as the agent was told it, what was found, what it was."""

    case: CaseFile
    evidence: list[Evidence]
    outcome: Outcome
    # What must not leave the team: its own secrets' patterns, and the names of its people.
    patterns: list[str]
    people: list[str]

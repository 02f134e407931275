"""Why new trouble belongs to an open incident: same thing, same owner, same host, a dependency, a deploy. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from backend.incident.rules import Runtime, SourceType

JoinKind = Literal["same_target", "same_owner", "same_host", "dependency", "same_deploy", "person"]

# An open incident that nothing has been heard of for longer, and of which nothing fires, is another story.
QUIET_WITHIN = timedelta(minutes=30)
# A deploy explains what breaks soon after it.
DEPLOYED_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Subject:
    """What trouble is about. `owner`: what the target is a replica of; `depends_on`: what it says that it needs."""

    target: str
    source_type: SourceType
    container_runtime: Runtime | None = None
    namespace: str | None = None
    server_name: str | None = None
    owner: str | None = None
    depends_on: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Dependency:
    """`target` needs `depends_on`."""

    target: str
    depends_on: str
    origin: Literal["declared", "seen"] = "declared"


@dataclass(frozen=True, slots=True)
class Deploy:
    """Something that changed several targets at once, by its reference (a commit, a release)."""

    ref: str
    targets: frozenset[str]


@dataclass(frozen=True, slots=True)
class Kinship:
    """Why, as a stable name and as a sentence for the timeline."""

    kind: JoinKind
    reason: str


def kinship(
    new: Subject, known: Subject, dependencies: Iterable[Dependency] = (), deploys: Iterable[Deploy] = ()
) -> Kinship | None:
    """The first reason that holds, from the surest to the weakest; None when there is none."""
    if _same_place(new, known) and new.target == known.target:
        return Kinship("same_target", f"it is about {known.target}, too")
    # Of one name in two places they are two copies of a stack, each with an owner of that name.
    is_copy = new.target == known.target
    if new.owner is not None and new.owner == known.owner and new.namespace == known.namespace and not is_copy:
        return Kinship("same_owner", f"{new.target} and {known.target} are replicas of {new.owner}")
    if _runs_on(new, known):
        return Kinship("same_host", f"{new.target} runs on {known.target}, which is in trouble itself")
    return _dependency(new, known, dependencies) or _deploy(new, known, deploys)


def _same_place(one: Subject, other: Subject) -> bool:
    """Could the same name mean the same thing? What one of them does not say cannot differ."""
    if one.container_runtime == "kubernetes" or other.container_runtime == "kubernetes":
        # A pod moves between nodes; its namespace tells it from its namesakes.
        return _agree(one.namespace, other.namespace)
    return _agree(one.namespace, other.namespace) and _agree(one.server_name, other.server_name)


def _agree(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def _runs_on(new: Subject, known: Subject) -> bool:
    return known.source_type == "host" and new.server_name == known.target and new.target != known.target


def _two_stacks(one: Subject, other: Subject) -> bool:
    """Services of one compose project on two hosts: each stack needs its own."""
    if one.owner is None or other.owner is None or "kubernetes" in (one.container_runtime, other.container_runtime):
        return False
    return one.owner.split("/")[0] == other.owner.split("/")[0] and not _agree(one.server_name, other.server_name)


def _dependency(new: Subject, known: Subject, dependencies: Iterable[Dependency]) -> Kinship | None:
    if _two_stacks(new, known):
        return None
    if _named(known, new.depends_on):
        return Kinship("dependency", f"{new.target} depends on {known.target}")
    for one in dependencies:
        if _needs(one, new, known) or _needs(one, known, new):
            how = "depends on" if one.origin == "declared" else "was seen to depend on"
            return Kinship("dependency", f"{one.target} {how} {one.depends_on}")
    return None


def _needs(one: Dependency, target: Subject, other: Subject) -> bool:
    """A name without a namespace means the one in the namespace of who needs it, as in a cluster's DNS."""
    if one.target not in names(target) or one.depends_on not in names(other):
        return False
    return _agree(target.namespace, other.namespace) or one.depends_on not in _short_names(other)


def names(subject: Subject) -> frozenset[str]:
    """What it may be called: itself or what it is a replica of, alone or as `namespace/name`."""
    short = _short_names(subject)
    return short if subject.namespace is None else short | {f"{subject.namespace}/{name}" for name in short}


def _short_names(subject: Subject) -> frozenset[str]:
    # A compose file names services, an alert names containers: `shop/db` owns `shop-db-1`.
    return frozenset(filter(None, (subject.target, subject.owner)))


def within_namespace(name: str) -> str:
    """The name without the namespace that it may begin with."""
    return name.partition("/")[2] or name


def _named(subject: Subject, wanted: frozenset[str]) -> bool:
    return not names(subject).isdisjoint(wanted)


def _deploy(new: Subject, known: Subject, deploys: Iterable[Deploy]) -> Kinship | None:
    for deploy in deploys:
        if _named(new, deploy.targets) and _named(known, deploy.targets):
            return Kinship("same_deploy", f"{deploy.ref} changed both {known.target} and {new.target} just before")
    return None

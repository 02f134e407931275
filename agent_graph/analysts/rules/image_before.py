"""Which image did the container run on before the release that broke it? Only what its tag and the release tell."""

import re

from agent_graph.analysts.rules.facts import Container, Facts, LogLine

_VERSION = r"v?\d{1,6}(?:\.\d{1,8}){1,3}(?:[-+.]\w{1,20}){0,3}"
_FROM_TO = re.compile(
    rf"(?:(?P<image>[\w./-]{{1,200}}):)?(?P<old>{_VERSION}) ?(?:->|→|=>) ?"
    rf"(?:(?P<other>[\w./-]{{1,200}}):)?(?P<new>{_VERSION})"
)
# Tags that are moved from one version to the next: the version itself is a tag beside them.
_MOVED = frozenset({"", "latest", "stable", "release", "main", "master", "edge", "current"})


def image_before(facts: Facts, quotes: set[str]) -> str | None:
    """With the tag of the version before; None where it would be a guess. `quotes`: what the conclusion rests on."""
    container = facts.target
    releases = {s.quote for s in facts.signs_of("bad_deploy", "strong") if s.source == "changes"}
    cited = [change for change in facts.changes if change.cite().quote in releases & quotes]
    if container is None or len(cited) != 1:
        return None
    found = list(_FROM_TO.finditer(cited[0].message))
    return _before(container, cited[0], found[0]) if len(found) == 1 else None


def _before(container: Container, change: LogLine, versions: re.Match[str]) -> str | None:
    image = str(container.data.get("image") or "")
    path, _, last = image.rpartition("/")
    name, _, tag = last.partition(":")
    repository = f"{path}/{name}" if path else name
    named = [given for given in (versions["image"], versions["other"]) if given]
    if not name or "@" in image or any(given.rpartition("/")[2] != name for given in named):
        return None
    old, new = versions["old"], versions["new"]
    if tag not in _MOVED:
        # A tag with the version in it had the one before in its place: v1.5.0-alpine, v1.4.2-alpine.
        old, new = old.removeprefix("v"), new.removeprefix("v")
        at = re.search(rf"(?<![\d.]){re.escape(new)}(?![\d.]*\d)", tag)
        return f"{repository}:{tag[: at.start()]}{old}{tag[at.end() :]}" if at is not None and old != new else None
    # The versions of something else than this image are no tags of it.
    of_it = named or re.search(rf"(?<![\w-]){re.escape(name)}(?::[\w.-]+)? {re.escape(old)}", change.message)
    return f"{repository}:{old}" if of_it and old != new else None

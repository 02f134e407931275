"""What keeps images fresh says that it brought a new one, and the engine made the container anew: a release, though
nobody registered it, and its tag is called as before."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.parts import said
from agent_graph.wording import clock

# Watchtower and its likes, with the image that they name, and the table of those who make it anew first.
_FOUND = re.compile(
    r"\b(?:found new|new image found for|updating) (?P<image>[\w.:/@-]{3,200})(?: image|\b)"
    r"|\bnew image (?:found|available).{0,40}?image=\"?(?P<other>[\w.:/@-]{3,200})"
    r"|\s(?P<table>[\w.:/@-]{3,200})\s+(?:registry|local)\s+true\b",
    re.IGNORECASE,
)
_MADE = re.compile(r"\bcreate$")
# How long it takes from there to the new container, and how soon that must fail.
_TAKES, _SOON = timedelta(minutes=15), timedelta(hours=2)
# How late it may be told that it was done.
_TOLD = timedelta(minutes=2)


def updates(facts: Facts) -> Iterator[Sign]:
    """The target's container, made anew just after a new image was found for it."""
    image = _plain(str(facts.target.data.get("image") or "")) if facts.target is not None else ""
    made = [event for event in facts.events if event.at is not None and _MADE.search(event.text.strip())]
    for line in [*facts.around, *facts.lines] if image and made else []:
        found = _FOUND.search(line.message)
        if found is None or _plain(found["image"] or found["other"] or found["table"]) != image:
            continue
        anew = next((event.at for event in made if _just_after(event.at, line)), None)
        if anew is not None and facts.case.started_at - anew <= _SOON:
            means = f"it was made anew at {clock(anew)} with a newer image of the same tag ({said(line)})"
            yield Sign(line.evidence, "docker", "bad_deploy", "strong", line.cite().quote, image, anew, means)


def _just_after(at: datetime | None, line: LogLine) -> bool:
    return at is not None and line.at is not None and -_TOLD <= at - line.at <= _TAKES


def _plain(image: str) -> str:
    """Without where it is kept by default."""
    return image.lower().removeprefix("docker.io/").removeprefix("library/")

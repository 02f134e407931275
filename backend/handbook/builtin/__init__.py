"""The runbooks that come with us: Markdown files, read once."""

from functools import cache
from importlib.resources import files

from backend.handbook.kinds import Content
from backend.handbook.markdown import Unusable, parse


@cache
def builtins() -> tuple[Content, ...]:
    """All of them, by slug."""
    found: list[Content] = []
    for file in sorted(files(__name__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".md"):
            content = parse(file.read_text(encoding="utf-8"), file.name)
            if isinstance(content, Unusable):
                raise ValueError(f"{file.name}: {content.text}")
            found.append(content)
    return tuple(found)

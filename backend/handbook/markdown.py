"""Reads a runbook from a file that may be anything: YAML front matter, then Markdown. Says what is wrong with it."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, cast

import yaml
from pydantic import ValidationError

from backend.handbook.kinds import MAX_BODY, Content, slug_of

MAX_FILE_BYTES = 4 * MAX_BODY
_MAX_FRONT = 8_000
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"\A\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|\Z)")
_HTML = re.compile(r"\A\s*<(?:!doctype|html|head|body|script|\?xml)\b", re.IGNORECASE)
# One or many: authors write both `category: oom` and `categories: [oom]`.
_SINGULAR = {"category": "categories", "target": "targets", "action": "actions"}
_NAMES = ("title", "slug", "categories", "targets", "actions")
# What reads badly on one line: headings, code, tables, rules.
_BLOCKS = re.compile(r"^```[\s\S]*?(?:^```|\Z)|^\s*(?:\||#{1,6}\s).*$|^\s*[-=]{3,}\s*$", re.MULTILINE)
_SYMBOLS = re.compile(
    r"!?\[([^\]]*)\]\([^)]*\)|[*`>#~]+|(?<![^\W_])_+|_+(?![^\W_])|^\s*(?:[-+]|\d+\.)\s+", re.MULTILINE
)


@dataclass(frozen=True)
class Unusable:
    """Why a text is no runbook, in a sentence for whoever wrote it."""

    text: str


def decode(raw: bytes) -> str | Unusable:
    """The text of a file."""
    if len(raw) > MAX_FILE_BYTES:
        return Unusable(f"It is larger than {MAX_FILE_BYTES:,} bytes.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Unusable("It is not text in UTF-8.")


def parse(text: str, path: str) -> Content | Unusable:
    """The runbook in a file. Without a title in the front matter, its first heading; without a slug, its name."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text or "\ufffd" in text[:2_000]:
        return Unusable("It is not text in UTF-8.")
    if _HTML.search(text):
        return Unusable("It is HTML. A runbook is Markdown.")
    front = _front_matter(text)
    if isinstance(front, Unusable):
        return front
    given, body = front
    heading = _HEADING.match(body)
    if "title" not in given and heading:
        given["title"] = heading[1]
    title = given.get("title")
    if heading and isinstance(title, str) and title.strip() == heading[1].strip():
        # The title is shown above the text; twice would be once too often.
        body = body[heading.end() :]
    given.setdefault("slug", slug_of(PurePosixPath(path).stem))
    if title is None:
        return Unusable("It has no title: neither `title` in its front matter nor a first line `# …`.")
    try:
        return Content.model_validate({**given, "body_md": body.strip("\n") + "\n" if body.strip() else ""})
    except ValidationError as error:
        return Unusable(_first(error))


def _front_matter(text: str) -> tuple[dict[str, Any], str] | Unusable:
    if not text.startswith("---\n") and not text.startswith("--- \n"):
        return {}, text
    match = _FRONT.match(text)
    if match is None:
        return Unusable("Its front matter does not end: a line `---` is missing.")
    if len(match[1]) > _MAX_FRONT:
        return Unusable(f"Its front matter is longer than {_MAX_FRONT:,} characters.")
    try:
        loaded: object = yaml.safe_load(match[1])
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 2})" if mark is not None else ""
        return Unusable(f"Its front matter is not valid YAML{where}. Put what has * or : in it into quotes.")
    if loaded is None:
        return {}, text[match.end() :]
    if not isinstance(loaded, dict):
        return Unusable("Its front matter is not a list of `name: value`.")
    found = cast(dict[object, object], loaded)
    named = {_SINGULAR.get(str(key).lower(), str(key).lower()): value for key, value in found.items()}
    return {name: _several(name, named[name]) for name in _NAMES if named.get(name) is not None}, text[match.end() :]


def _several(name: str, value: object) -> object:
    if name in ("title", "slug"):
        return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else value
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else "it"
    if name == "body_md":
        return (
            "It has no text." if first["type"] != "string_too_long" else f"It is longer than {MAX_BODY:,} characters."
        )
    given = first.get("input")
    shown = f" {given[:80]!r}" if isinstance(given, str) else ""
    if first["type"] in ("enum", "literal_error"):
        return f"{name}:{shown} is none of those that Nightdesk knows; docs/runbooks.md lists them."
    return f"{name}:{shown} {first['msg'][:1].lower()}{first['msg'][1:200]}."


def excerpt(body_md: str, limit: int = 240) -> str:
    """The first words of a runbook, as plain text on one line."""
    plain = _SYMBOLS.sub(r"\1", _BLOCKS.sub(" ", body_md[:4_000]))
    flat = " ".join(plain.split())
    return flat if len(flat) <= limit else flat[: limit - 1].rsplit(" ", 1)[0] + "…"

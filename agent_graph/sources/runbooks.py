"""Runbooks that fit: what the team, or experience, says to do about this kind of trouble. Advice, no proof."""

from collections.abc import Sequence
from typing import Protocol

from agent_graph.deps import Ask, Tool
from agent_graph.sources.asking import attempt
from backend.handbook.schemas import Runbook
from backend.investigation.kinds import CaseFile, Evidence
from backend.redaction.clean import one_line

NAME = "runbooks"
FIT = "fitting_runbooks"
SEARCH = "search_runbooks"
_SECONDS = 5.0
_MOST = 3
_LONGEST = 4_000


class Library(Protocol):
    """Where runbooks are kept: the team's own and those that come with us."""

    async def fitting(self, case: CaseFile, category: str | None, most: int) -> list[tuple[Runbook, list[str]]]:
        """The best first, each with why."""
        ...

    async def search(self, case: CaseFile, q: str, most: int) -> list[tuple[Runbook, list[str]]]:
        """By words."""
        ...


class RunbookSource:
    """Asked once there is a first idea of the category."""

    name = NAME
    tools: Sequence[Tool] = (
        Tool(
            SEARCH,
            "Runbooks of this team that speak of some words: how to confirm, what to do, how to undo it.",
            {
                "type": "object",
                "properties": {"q": {"type": "string", "minLength": 1, "maxLength": 200}},
                "required": ["q"],
                "additionalProperties": False,
            },
        ),
    )

    def __init__(self, library: Library) -> None:
        self._library = library

    def first(self, case: CaseFile) -> list[Ask]:
        """Nothing: see above."""
        return []

    def wider(self, case: CaseFile) -> list[Ask]:
        """There is no more to see."""
        return []

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        """One piece of evidence for the best few; nothing where none fits."""
        category = str(ask.args["category"]) if ask.args.get("category") else None
        q = str(ask.args.get("q") or "")
        asked = f"text = {q!r}" if ask.what == SEARCH else f"category = {category!r} or target = {case.target.name!r}"
        blank = Evidence(
            source=NAME,
            kind="memory",
            title=f"Runbooks about {q}" if ask.what == SEARCH else "Runbooks that fit",
            query=f"runbooks of the team and of Nightdesk where {asked}",
            window_end=case.now,
        )
        books: list[tuple[Runbook, list[str]]] = []

        async def find() -> Evidence:
            found = self._library.search(case, q, _MOST) if ask.what == SEARCH else self._fitting(case, category)
            books.extend(await found)
            titles = "; ".join(book.title for book, _ in books)
            return blank.model_copy(
                update={
                    "summary": one_line(f"{len(books)} found: {titles}", 500),
                    "content": "\n\n".join(_shown(book, why) for book, why in books),
                    "data": {"runbooks": [{"id": str(b.id), "slug": b.slug, "title": b.title} for b, _ in books]},
                    "truncated": any(len(book.body_md) > _LONGEST for book, _ in books),
                }
            )

        found = await attempt(blank, find(), _SECONDS)
        return [found] if books or found.error else []

    async def _fitting(self, case: CaseFile, category: str | None) -> list[tuple[Runbook, list[str]]]:
        return await self._library.fitting(case, category, _MOST)


def _shown(book: Runbook, why: list[str]) -> str:
    reasons = f" ({'; '.join(why)})" if why else ""
    return f"# {one_line(book.title)}{one_line(reasons)}\n\n{book.body_md[:_LONGEST].strip()}"

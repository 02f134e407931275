"""Finds runbooks: a team's own and ours, with PostgreSQL's full-text search, in English and word for word."""

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Float, Select, bindparam, func, literal_column, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.ext.asyncio import AsyncSession

from backend import cursor as cursors
from backend.errors import NotFound
from backend.handbook import rules, schemas
from backend.handbook.builtin import builtins
from backend.handbook.kinds import Content, builtin_id, words_of
from backend.handbook.markdown import excerpt
from backend.handbook.model import RunbookRow
from backend.handbook.rules import Purpose, Situation
from backend.handbook.schemas import Suggestion

# What a search leaves out it leaves out in every form: word for word, `-volumes` would let one `volume` pass.
_LEFT_OUT = re.compile(r"(?:^|\s)-\S")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]{3,30}")
_MOST_WORDS = 16
_MOST_CANDIDATES = 500
# Our own are files of the release, not rows: there is nothing to keep in step. Weighed like the column of the table.
_BUILTINS = text(
    "select slug, ts_rank(search, query) as rank from (select u.slug,"
    " setweight(to_tsvector('pg_catalog.english', u.title), 'A')"
    " || setweight(to_tsvector('pg_catalog.simple', u.title || ' ' || u.words), 'A')"
    " || setweight(to_tsvector('pg_catalog.english', u.body), 'B')"
    " || setweight(to_tsvector('pg_catalog.simple', u.body), 'C') as search"
    " from unnest(:slugs, :titles, :words, :bodies) as u (slug, title, words, body)) as d,"
    " (select websearch_to_tsquery('pg_catalog.english', :q)"
    " || websearch_to_tsquery('pg_catalog.simple', :word_for_word) as query) as asked where search @@ query"
).bindparams(*(bindparam(name, type_=ARRAY(TEXT)) for name in ("slugs", "titles", "words", "bodies")))


async def page(
    session: AsyncSession, team_id: UUID, q: str, category: str | None, cursor: str | None, limit: int
) -> schemas.RunbookPage:
    """With words the best matches; without, everything: the team's newest first, then ours. Raises BadCursor."""
    if q.strip():
        return schemas.RunbookPage(items=await _matching(session, team_id, q, category, limit), next_cursor=None)
    query = select(RunbookRow).where(RunbookRow.team_id == team_id)
    if category:
        query = query.where(RunbookRow.categories.contains([category]))
    query = cursors.newest_first(query, RunbookRow.updated_at, RunbookRow.id, cursor, limit)
    found = (await session.scalars(query)).all()
    rows, following = cursors.cut(found, limit, lambda row: (row.updated_at, row.id))
    if following is not None:
        return schemas.RunbookPage(items=[_item(own_runbook(row)) for row in rows], next_cursor=following)
    # Ours come whole on the last page, so that no cursor has to lead into them.
    ours = await _not_replaced(session, team_id, (c for c in builtins() if not category or category in c.categories))
    return schemas.RunbookPage(items=[_item(r) for r in [*map(own_runbook, rows), *ours]], next_cursor=None)


async def find(session: AsyncSession, team_id: UUID, runbook_id: UUID) -> schemas.Runbook:
    """One runbook with its text. Raises NotFound."""
    for content in builtins():
        if builtin_id(content.slug) == runbook_id:
            return builtin_runbook(content)
    query = select(RunbookRow).where(RunbookRow.id == runbook_id, RunbookRow.team_id == team_id)
    row = (await session.scalars(query)).one_or_none()
    if row is None:
        raise NotFound()
    return own_runbook(row)


async def suggest(session: AsyncSession, team_id: UUID, situation: Situation, most: int = 5) -> list[Suggestion]:
    """The runbooks that fit an incident, the best first; at the same score the team's own before ours."""
    q = words_to_ask(situation.text)
    rows = await session.execute(candidates(team_id, situation.category, q))
    found = [(own_runbook(row), float(ranked)) for row, ranked in rows]
    ranks = await _builtin_ranks(session, q, word_for_word="") if q else {}
    found += [(ours, ranks.get(ours.slug, 0.0)) for ours in await _not_replaced(session, team_id, builtins())]
    fits = [(Suggestion(book, rules.fit(_purpose(book, ranked), situation)), ranked) for book, ranked in found]
    fits.sort(key=lambda f: (-f[0].fit.score, f[0].runbook.builtin, -f[1], f[0].runbook.title))
    return rules.chosen((suggestion for suggestion, _ in fits), lambda suggestion: suggestion.fit, most)


def candidates(team_id: UUID, category: str | None, q: str) -> Select[RunbookRow, Any]:
    """The team's newest that may fit, with how much each has of the words: matched first, as weighing costs more."""
    # In English alone: word for word, "with" and "from" would be found in every text.
    asked = func.websearch_to_tsquery("pg_catalog.english", q)
    meant = or_(RunbookRow.categories.contains([category]), func.cardinality(RunbookRow.targets) > 0)
    wanted = or_(meant, RunbookRow.search.op("@@")(asked)) if q else meant
    rank = func.ts_rank(RunbookRow.search, asked) if q else literal_column("0.0", Float)
    query = select(RunbookRow, rank).where(RunbookRow.team_id == team_id, wanted)
    return query.order_by(RunbookRow.updated_at.desc()).limit(_MOST_CANDIDATES)


def words_to_ask(said: str) -> str:
    """A search for any of the words of a text."""
    return " or ".join(dict.fromkeys(word.lower() for word in _WORD.findall(said)[: 2 * _MOST_WORDS]))


async def _matching(
    session: AsyncSession, team_id: UUID, q: str, category: str | None, limit: int
) -> list[schemas.RunbookItem]:
    tsquery = _tsquery(q)
    rank = func.ts_rank(RunbookRow.search, tsquery)
    # Half a word finds titles, too: people search while they type.
    matches = or_(RunbookRow.search.op("@@")(tsquery), RunbookRow.title.icontains(q.strip(), autoescape=True))
    query = select(RunbookRow, rank).where(RunbookRow.team_id == team_id, matches)
    if category:
        query = query.where(RunbookRow.categories.contains([category]))
    rows = await session.execute(query.order_by(rank.desc(), RunbookRow.title).limit(limit))
    found = [(own_runbook(row), float(ranked)) for row, ranked in rows]
    ranks = await _builtin_ranks(session, q, _word_for_word(q))
    ours = [
        content
        for content in builtins()
        if (content.slug in ranks or q.strip().lower() in content.title.lower())
        and (not category or category in content.categories)
    ]
    found += [(book, ranks.get(book.slug, 0.0)) for book in await _not_replaced(session, team_id, ours)]
    return [_item(book) for book, _ in sorted(found, key=lambda f: (-f[1], f[0].builtin, f[0].title))[:limit]]


def _tsquery(q: str) -> Any:
    english = func.websearch_to_tsquery("pg_catalog.english", q)
    return english.op("||")(func.websearch_to_tsquery("pg_catalog.simple", _word_for_word(q)))


def _word_for_word(q: str) -> str:
    return "" if _LEFT_OUT.search(q) else q


async def _builtin_ranks(session: AsyncSession, q: str, word_for_word: str) -> dict[str, float]:
    contents = builtins()
    rows = await session.execute(
        _BUILTINS,
        {
            "q": q,
            "word_for_word": word_for_word,
            "slugs": [c.slug for c in contents],
            "titles": [c.title for c in contents],
            "words": [words_of(c) for c in contents],
            "bodies": [c.body_md for c in contents],
        },
    )
    return {row.slug: float(row.rank) for row in rows}


async def _not_replaced(session: AsyncSession, team_id: UUID, ours: Iterable[Content]) -> list[schemas.Runbook]:
    """Ours, without those that the team has a copy of."""
    contents = list(ours)
    slugs = [content.slug for content in contents]
    query = select(RunbookRow.slug).where(RunbookRow.team_id == team_id, RunbookRow.slug.in_(slugs))
    copied = set(await session.scalars(query)) if slugs else set[str]()
    return [builtin_runbook(content) for content in contents if content.slug not in copied]


def own_runbook(row: RunbookRow) -> schemas.Runbook:
    """A row as the API shows it."""
    return schemas.Runbook(
        id=row.id,
        slug=row.slug,
        title=row.title,
        categories=row.categories,
        targets=row.targets,
        actions=row.actions,
        excerpt=excerpt(row.body_md),
        builtin=False,
        version=row.version,
        path=row.path,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
        body_md=row.body_md,
    )


def builtin_runbook(content: Content) -> schemas.Runbook:
    """One that comes with us."""
    return schemas.Runbook(
        **content.model_dump(),
        id=builtin_id(content.slug),
        excerpt=excerpt(content.body_md),
        builtin=True,
        version=1,
        path=None,
        updated_at=None,
        updated_by=None,
    )


def _item(runbook: schemas.Runbook) -> schemas.RunbookItem:
    return schemas.RunbookItem.model_validate(runbook)


def _purpose(runbook: schemas.Runbook, words: float) -> Purpose:
    return Purpose(runbook.categories, runbook.targets, runbook.actions, words)

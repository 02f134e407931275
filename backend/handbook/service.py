"""The one writer of runbooks: made, changed on top of the version one saw, imported again and again, removed."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import Caller
from backend.errors import Conflict, Forbidden, NotFound
from backend.handbook import rules
from backend.handbook.builtin import builtins
from backend.handbook.kinds import Content, builtin_id, words_of
from backend.handbook.markdown import Unusable, decode, parse
from backend.handbook.model import RunbookRow

MAX_RUNBOOKS = 2_000


class SlugTaken(Conflict):
    """Your team has a runbook with this slug already. Choose another one."""

    code = "runbook_slug_taken"


class ReadOnly(Conflict):
    """This runbook comes with Nightdesk. Save a copy under the same slug: it takes this one's place for your team."""

    code = "runbook_read_only"


class TooManyRunbooks(Conflict):
    """Your team has as many runbooks as there may be. Remove some first."""

    code = "too_many_runbooks"


class VersionConflict(Conflict):
    """Somebody saved another version meanwhile. Reload it, put your changes in, and save again."""

    code = "version_conflict"


@dataclass(frozen=True)
class Outcome:
    """What an import did, by path; what was skipped with the reason."""

    created: list[str] = field(default_factory=list[str])
    updated: list[str] = field(default_factory=list[str])
    unchanged: list[str] = field(default_factory=list[str])
    skipped: dict[str, str] = field(default_factory=dict[str, str])


async def create(session: AsyncSession, caller: Caller, content: Content, now: datetime) -> RunbookRow:
    """A new runbook of the caller's team. Raises Forbidden, SlugTaken, TooManyRunbooks."""
    _check_caller(caller)
    await _hold(session, caller.team.team_id)
    await _check_room(session, caller.team.team_id)
    row = _row(caller.team.team_id, content, caller.actor.name, now)
    session.add(row)
    try:
        await session.flush()
    except IntegrityError as error:
        if "runbooks_team_id_slug_key" in str(error.orig):
            raise SlugTaken() from None
        raise
    return row


async def change(
    session: AsyncSession,
    caller: Caller,
    runbook_id: uuid.UUID,
    base_version: int,
    values: Mapping[str, Any],
    now: datetime,
) -> RunbookRow:
    """Changes what is given on top of `base_version`. Raises Forbidden, NotFound, ReadOnly, VersionConflict."""
    row = await locked(session, caller, runbook_id)
    if row.version != base_version:
        raise VersionConflict(current_version=row.version)
    # What was valid once stays: an action may have left the catalogue since.
    known = Content.model_construct(**{name: getattr(row, name) for name in Content.model_fields})
    _write(row, known.model_copy(update=values), caller.actor.name, now)
    await session.flush()
    return row


async def remove(session: AsyncSession, caller: Caller, runbook_id: uuid.UUID) -> RunbookRow:
    """Forgets a runbook. Raises Forbidden, NotFound, ReadOnly."""
    row = await locked(session, caller, runbook_id)
    await session.delete(row)
    await session.flush()
    return row


async def locked(session: AsyncSession, caller: Caller, runbook_id: uuid.UUID) -> RunbookRow:
    """A runbook that the caller may change, locked. Raises Forbidden, NotFound, ReadOnly."""
    _check_caller(caller)
    if any(builtin_id(content.slug) == runbook_id for content in builtins()):
        raise ReadOnly()
    query = select(RunbookRow).where(RunbookRow.id == runbook_id, RunbookRow.team_id == caller.team.team_id)
    row = (await session.scalars(query.with_for_update())).one_or_none()
    if row is None:
        raise NotFound()
    return row


async def import_files(
    session: AsyncSession, team_id: uuid.UUID, files: Sequence[tuple[str, bytes]], who: str, now: datetime
) -> Outcome:
    """Takes each file over, once per content. A bad file is skipped with its reason and stops no other.

    Raises TooManyRunbooks.
    """
    await _hold(session, team_id)
    outcome = Outcome()
    room = MAX_RUNBOOKS - await _count(session, team_id)
    for path, raw in sorted(files):
        text = decode(raw)
        content = parse(text, path) if isinstance(text, str) else text
        if isinstance(content, Unusable):
            outcome.skipped[path] = content.text
        elif await _import(session, team_id, (path, hashlib.sha256(raw).hexdigest()), content, who, now, outcome):
            room -= 1
            if room < 0:
                raise TooManyRunbooks()
    await session.flush()
    return outcome


async def _import(
    session: AsyncSession,
    team_id: uuid.UUID,
    file: tuple[str, str],
    content: Content,
    who: str,
    now: datetime,
    outcome: Outcome,
) -> bool:
    """True: there is one more runbook than before."""
    path, sha256 = file
    row = await _same(session, team_id, path, content.slug)
    known = row and rules.Known(row.path, row.imported_sha256, row.version != row.imported_version)
    decision = rules.imports(path, sha256, known)
    if isinstance(decision, rules.Skip):
        outcome.skipped[path] = decision.why
        return False
    if decision == "unchanged":
        outcome.unchanged.append(path)
        return False
    if row is None:
        row = _row(team_id, content, who, now)
        session.add(row)
    else:
        _write(row, content, who, now)
    row.path, row.imported_sha256, row.imported_version = path, sha256, row.version
    await session.flush()
    (outcome.created if decision == "create" else outcome.updated).append(path)
    return decision == "create"


async def _same(session: AsyncSession, team_id: uuid.UUID, path: str, slug: str) -> RunbookRow | None:
    """The runbook from that file, else the one that has its slug; also when the file's slug is another's by now."""
    query = select(RunbookRow).where(
        RunbookRow.team_id == team_id, or_(RunbookRow.path == path, RunbookRow.slug == slug)
    )
    rows = list(await session.scalars(query.with_for_update()))
    return next((row for row in rows if row.slug == slug), None) or next(iter(rows), None)


def _row(team_id: uuid.UUID, content: Content, who: str, now: datetime) -> RunbookRow:
    return RunbookRow(
        id=uuid.uuid4(),
        team_id=team_id,
        version=1,
        words=words_of(content),
        created_at=now,
        updated_at=now,
        updated_by=who,
        **content.model_dump(),
    )


def _write(row: RunbookRow, content: Content, who: str, now: datetime) -> None:
    for name, value in content.model_dump().items():
        setattr(row, name, value)
    row.words, row.version, row.updated_at, row.updated_by = words_of(content), row.version + 1, now, who


def _check_caller(caller: Caller) -> None:
    if not caller.may("runbook.write"):
        raise Forbidden()


async def _hold(session: AsyncSession, team_id: uuid.UUID) -> None:
    """One at a time makes runbooks of a team: two imports of one folder find each other's."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"runbooks {team_id}", 0))))


async def _check_room(session: AsyncSession, team_id: uuid.UUID) -> None:
    if await _count(session, team_id) >= MAX_RUNBOOKS:
        raise TooManyRunbooks()


async def _count(session: AsyncSession, team_id: uuid.UUID) -> int:
    query = select(func.count()).where(RunbookRow.team_id == team_id)
    return (await session.execute(query)).scalar_one()

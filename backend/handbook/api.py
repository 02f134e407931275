"""/api/runbooks: find, write, change, remove and import runbooks."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from backend.access import Caller, DepsDep, require
from backend.audit.service import Thing, record
from backend.cursor import Cursor, Limit
from backend.handbook import reading, service
from backend.handbook.kinds import slug_of
from backend.handbook.model import RunbookRow
from backend.handbook.schemas import (
    Folder,
    Imported,
    NewRunbook,
    Runbook,
    RunbookPage,
    RunbookPatch,
    Skipped,
    content_of,
)
from backend.incident.kinds import Category
from backend.refusals import refusals

router = APIRouter(prefix="/api/runbooks", tags=["runbooks"])

Reader = Annotated[Caller, Depends(require("runbook.read"))]
Writer = Annotated[Caller, Depends(require("runbook.write"))]


NOT_FOUND = refusals(s404="`not_found`: there is no such runbook in your team.")
BAD = refusals(
    s403="`forbidden`: your role may not write runbooks.",
    s409="`runbook_slug_taken`: there is a runbook with that slug; `too_many_runbooks`.",
)
REFUSED = NOT_FOUND | refusals(
    s403="`forbidden`: your role may not write runbooks.",
    s409="`version_conflict`: somebody was faster; `runbook_read_only`: it comes with Nightdesk, save a copy.",
)


@router.get("")
async def list_runbooks(
    deps: DepsDep,
    caller: Reader,
    q: Annotated[str, Query(max_length=200, description='Words; "a phrase", or, -not.')] = "",
    category: Category | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> RunbookPage:
    """The team's runbooks and those that come with Nightdesk. A copy by the team hides what it was copied from."""
    async with deps.db.reading(caller) as session:
        return await reading.page(session, caller.team.team_id, q, category, cursor, limit)


@router.post("", status_code=201, responses=BAD)
async def create_runbook(body: NewRunbook, deps: DepsDep, caller: Writer) -> Runbook:
    """Keeps a new runbook."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        row = await service.create(session, caller, content_of(body, slug_of(body.title)), now)
        await record(session, caller, "runbook.create", _thing(row), now, after={"slug": row.slug})
        return reading.own_runbook(row)


@router.post("/import", responses=BAD)
async def import_runbooks(body: Folder, deps: DepsDep, caller: Writer) -> Imported:
    """Takes over Markdown files: again and again the same, by path. What was edited here is not written over."""
    now = deps.clock.now()
    files = [(file.path, file.content.encode("utf-8", "surrogatepass")) for file in body.files]
    async with deps.db.transaction() as session:
        done = await service.import_files(session, caller.team.team_id, files, caller.actor.name, now)
        told = {"created": len(done.created), "updated": len(done.updated), "skipped": len(done.skipped)}
        await record(session, caller, "runbook.import", Thing("runbook"), now, after=told)
    skipped = [Skipped(path=path, why=why) for path, why in done.skipped.items()]
    return Imported(created=done.created, updated=done.updated, unchanged=done.unchanged, skipped=skipped)


@router.get("/{runbook_id}", responses=NOT_FOUND)
async def get_runbook(runbook_id: UUID, deps: DepsDep, caller: Reader) -> Runbook:
    """One runbook with its text."""
    async with deps.db.reading(caller) as session:
        return await reading.find(session, caller.team.team_id, runbook_id)


@router.patch("/{runbook_id}", responses=REFUSED)
async def change_runbook(runbook_id: UUID, body: RunbookPatch, deps: DepsDep, caller: Writer) -> Runbook:
    """Changes what is given, on top of the version you saw."""
    now = deps.clock.now()
    values = body.model_dump(exclude_unset=True, exclude={"base_version"})
    async with deps.db.transaction() as session:
        row = await service.change(session, caller, runbook_id, body.base_version, values, now)
        after = {"version": row.version, "changed": sorted(values)}
        await record(session, caller, "runbook.update", _thing(row), now, after=after)
        return reading.own_runbook(row)


@router.delete("/{runbook_id}", status_code=204, responses=REFUSED)
async def remove_runbook(runbook_id: UUID, deps: DepsDep, caller: Writer) -> Response:
    """Forgets a runbook. One that came with Nightdesk shows again where this was its copy."""
    async with deps.db.transaction() as session:
        row = await service.remove(session, caller, runbook_id)
        await record(session, caller, "runbook.delete", _thing(row), deps.clock.now(), before={"slug": row.slug})
    return Response(status_code=204)


def _thing(row: RunbookRow) -> Thing:
    return Thing("runbook", row.id, row.title)

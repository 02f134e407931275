"""/api/audit: who did what in the team, as pages and as CSV; /api/admin/audit: on the installation."""

import csv
import io
import json
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from backend.access import Caller, DepsDep, Person, require, require_platform
from backend.audit import reading, service
from backend.audit.reading import Filters
from backend.audit.rules import csv_cell
from backend.audit.schemas import AuditEntry, AuditPage
from backend.cursor import Cursor, Limit
from backend.deps import Deps

router = APIRouter(prefix="/api", tags=["audit"])

Reader = Annotated[Caller, Depends(require("audit.read"))]
PlatformReader = Annotated[Person, Depends(require_platform("platform.read"))]

_CSV_ROWS = 500
_COLUMNS = tuple(AuditEntry.model_fields)


async def filters_of(
    actor: Annotated[str | None, Query(max_length=300, description="Who did it, or who acted as them.")] = None,
    action: Annotated[str | None, Query(max_length=100, description="`monitor.update`, or `monitor.` for all.")] = None,
    object: Annotated[str | None, Query(max_length=100, description="A type or an id.")] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    q: Annotated[str | None, Query(max_length=200, description="Part of a name.")] = None,
) -> Filters:
    """The filters of a request."""
    return Filters(actor, action, object, since, until, q)


FiltersDep = Annotated[Filters, Depends(filters_of)]


@router.get("/audit")
async def list_audit(
    deps: DepsDep, caller: Reader, filters: FiltersDep, cursor: Cursor = None, limit: Limit = 50
) -> AuditPage:
    """What was done in the team, newest first."""
    async with deps.db.transaction() as session:
        return await reading.page(session, caller.team.team_id, filters, cursor, limit)


@router.get("/admin/audit")
async def list_platform_audit(
    deps: DepsDep, person: PlatformReader, filters: FiltersDep, cursor: Cursor = None, limit: Limit = 50
) -> AuditPage:
    """What was done on the installation, and by support in any team, newest first. It outlives teams."""
    async with deps.db.transaction() as session:
        return await reading.page(session, None, filters, cursor, limit)


@router.get(
    "/audit.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}, "description": "The whole log that the filters leave."}},
)
async def export_audit(deps: DepsDep, caller: Reader, filters: FiltersDep) -> StreamingResponse:
    """The same as CSV, as much as there is. Cells that a spreadsheet would compute begin with an apostrophe."""
    async with deps.db.transaction() as session:
        await service.record(session, caller, "audit.export", service.Thing("audit"), deps.clock.now())
        # Before the answer begins: afterwards a filter that makes no sense could not be refused any more.
        first = await reading.page(session, caller.team.team_id, filters, None, _CSV_ROWS)
    disposition = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(
        _rows(deps, caller, filters, first), media_type="text/csv; charset=utf-8", headers=disposition
    )


async def _rows(deps: Deps, caller: Caller, filters: Filters, page: AuditPage) -> AsyncGenerator[str]:
    yield _lines([_COLUMNS])
    while True:
        yield _lines([[_cell(item, name) for name in _COLUMNS] for item in page.items])
        if page.next_cursor is None:
            return
        async with deps.db.transaction() as session:
            page = await reading.page(session, caller.team.team_id, filters, page.next_cursor, _CSV_ROWS)


def _cell(item: AuditEntry, name: str) -> str:
    value: Any = getattr(item, name)
    return csv_cell(json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value)


def _lines(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()

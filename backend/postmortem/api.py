"""The post-mortem: read as JSON, Markdown or HTML, edited with a check against lost updates."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import Caller, DepsDep, require
from backend.audit.service import Thing, record
from backend.errors import NotFound
from backend.incident.model import Incident
from backend.postmortem import page, service
from backend.postmortem.model import PostMortem, PostMortemVersion
from backend.postmortem.schemas import PostMortemIn, PostMortemOut, VersionOut
from backend.refusals import refusals

router = APIRouter(
    prefix="/api/incidents/{incident_id}",
    tags=["post-mortem"],
    responses=refusals(s404="`not_found` or `no_post_mortem`: no such incident in your team, or none of it yet."),
)

Reader = Annotated[Caller, Depends(require("incident.read"))]
Writer = Annotated[Caller, Depends(require("postmortem.write"))]


@router.get("/post-mortem")
async def get_post_mortem(incident_id: UUID, deps: DepsDep, caller: Reader) -> PostMortemOut:
    """The newest version and the list of all."""
    async with deps.db.reading(caller) as session:
        return await _read(session, incident_id)


@router.get("/post-mortem.md", response_class=Response)
async def get_markdown(incident_id: UUID, deps: DepsDep, caller: Reader) -> Response:
    """The newest version as a Markdown file."""
    async with deps.db.reading(caller) as session:
        found = await _read(session, incident_id)
    return Response(found.body_md, media_type="text/markdown; charset=utf-8")


@router.get("/post-mortem.html", response_class=HTMLResponse)
async def get_html(incident_id: UUID, deps: DepsDep, caller: Reader) -> HTMLResponse:
    """The newest version as a page of its own."""
    async with deps.db.reading(caller) as session:
        found = await _read(session, incident_id)
    policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return HTMLResponse(page.render(found.body_md, "Post-mortem"), headers=policy)


@router.put(
    "/post-mortem", responses=refusals(s409="`version_conflict`: somebody saved in between; merge and save again.")
)
async def put_post_mortem(incident_id: UUID, body: PostMortemIn, deps: DepsDep, caller: Writer) -> PostMortemOut:
    """Saves a new version on top of `base_version`; 409 when somebody else was faster."""
    async with deps.db.transaction() as session:
        now, base = deps.clock.now(), body.base_version
        await service.edit(session, caller, incident_id, body.body_md, base, now)
        version = {"version": base + 1}
        await record(session, caller, "postmortem.edit", Thing("incident", incident_id), now, after=version)
    async with deps.db.reading(caller) as session:
        return await _read(session, incident_id)


async def _read(session: AsyncSession, incident_id: UUID) -> PostMortemOut:
    if (await session.scalars(select(Incident.id).where(Incident.id == incident_id))).one_or_none() is None:
        raise NotFound()
    query = (
        select(PostMortemVersion)
        .join(PostMortem, PostMortem.id == PostMortemVersion.post_mortem_id)
        .where(PostMortem.incident_id == incident_id)
        .order_by(PostMortemVersion.version.desc())
    )
    versions = list(await session.scalars(query))
    if not versions:
        raise service.NoPostMortem()
    newest = versions[0]
    return PostMortemOut(
        **VersionOut.model_validate(newest).model_dump(),
        incident_id=incident_id,
        body_md=newest.body_md,
        versions=[VersionOut.model_validate(version) for version in versions],
    )

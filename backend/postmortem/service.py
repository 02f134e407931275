"""The one writer of post-mortems: one generated text per resolution, people's versions on top, nothing ever lost."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import Caller
from backend.errors import Conflict, Forbidden, Invalid, NotFound
from backend.incident import service as incidents
from backend.incident.model import Incident
from backend.incident.rules import Refusal
from backend.postmortem import story
from backend.postmortem.kinds import Story
from backend.postmortem.model import PostMortem, PostMortemVersion

AUTHOR = "nightdesk"
MAX_CHARACTERS = 200_000


class VersionConflict(Conflict):
    """Somebody saved another version meanwhile. Reload it, put your changes in, and save again."""

    code = "version_conflict"


class NoPostMortem(NotFound):
    """There is no post-mortem yet: it is written when the incident is resolved."""

    code = "no_post_mortem"


async def open_story(session: AsyncSession, incident_id: uuid.UUID) -> Story | Refusal:
    """What the post-mortem of this resolution is written from, or why none is due. Raises NotFound."""
    incident = await session.get(Incident, incident_id)
    if incident is None:
        raise NotFound()
    refusal = await _not_due(session, incident)
    return refusal or await story.read(session, incident)


async def _not_due(session: AsyncSession, incident: Incident) -> Refusal | None:
    if incident.status != "resolved" or incident.resolved_at is None:
        return Refusal("The incident is not resolved.")
    query = (
        select(PostMortemVersion)
        .join(PostMortem, PostMortem.id == PostMortemVersion.post_mortem_id)
        .where(PostMortem.incident_id == incident.id)
        .order_by(PostMortemVersion.version.desc())
    )
    versions = list(await session.scalars(query))
    written = next((version.created_at for version in versions if version.analyst is not None), None)
    if written is None or written < incident.resolved_at:
        return None
    if incident.root_cause_at is not None and written < incident.root_cause_at and versions[0].analyst is not None:
        # Nobody has edited it, and a person has said since what the cause was.
        return None
    return Refusal("This resolution has its post-mortem already.")


async def record(
    session: AsyncSession, incident_id: uuid.UUID, body_md: str, analyst: str, now: datetime
) -> Refusal | None:
    """Keeps a generated text as the newest version. Returns why not: written already, or reopened meanwhile."""
    incident = await incidents.lock(session, incident_id)
    refusal = await _not_due(session, incident)
    if refusal is None:
        await _add_version(session, incident, body_md, AUTHOR, None, analyst, now)
    return refusal


async def edit(
    session: AsyncSession, caller: Caller, incident_id: uuid.UUID, body_md: str, base_version: int, now: datetime
) -> None:
    """A person's version on top of `base_version`. Raises NotFound, Forbidden, Invalid, VersionConflict."""
    if not caller.may("postmortem.write"):
        raise Forbidden()
    if not body_md.strip() or len(body_md) > MAX_CHARACTERS or "\0" in body_md:
        raise Invalid(f"A post-mortem has between 1 and {MAX_CHARACTERS:,} characters.")
    incident = await incidents.lock(session, incident_id)
    if incident.team_id != caller.team.team_id:
        raise NotFound()
    found = await _find(session, incident_id)
    current = found.version if found is not None else 0
    if base_version != current:
        raise VersionConflict(current_version=current)
    await _add_version(session, incident, body_md, caller.actor.name, caller.user_id, None, now)


async def _find(session: AsyncSession, incident_id: uuid.UUID) -> PostMortem | None:
    query = select(PostMortem).where(PostMortem.incident_id == incident_id).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def _add_version(
    session: AsyncSession,
    incident: Incident,
    body_md: str,
    author: str,
    author_id: uuid.UUID | None,
    analyst: str | None,
    now: datetime,
) -> None:
    found = await _find(session, incident.id)
    if found is None:
        found = PostMortem(
            id=uuid.uuid4(),
            team_id=incident.team_id,
            incident_id=incident.id,
            version=0,
            created_at=now,
            updated_at=now,
        )
        session.add(found)
    found.version += 1
    found.updated_at = now
    await session.flush()
    session.add(
        PostMortemVersion(
            id=uuid.uuid4(),
            team_id=incident.team_id,
            post_mortem_id=found.id,
            version=found.version,
            body_md=body_md,
            author=author,
            author_id=author_id,
            analyst=analyst,
            created_at=now,
        )
    )
    # Only these two columns, under the incident's lock; its status stays the kernel's.
    incident.post_mortem_md, incident.post_mortem_updated_at = body_md, now
    await session.flush()

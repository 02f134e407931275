"""GET a finished incident as a scenario: a zip that `nightdesk eval` replays once it is unpacked."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from backend.access import Caller, DepsDep, require
from backend.refusals import refusals
from backend.scenario import reading
from backend.scenario.files import files_of, zipped

router = APIRouter(prefix="/api/incidents/{incident_id}", tags=["investigation"])

Reader = Annotated[Caller, Depends(require("incident.read"))]
ZIP = "application/zip"


class ZipResponse(Response):
    """A zip, also in the OpenAPI document."""

    media_type = ZIP


@router.get(
    "/scenario.zip",
    response_class=ZipResponse,
    responses={
        200: {
            "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}},
            "description": "A folder with the files of the scenario.",
        },
        **refusals(
            s404="`not_found`: there is no such incident in your team.",
            s409="`incident_open`: the incident is not over yet.",
        ),
    },
)
async def export_scenario(incident_id: UUID, deps: DepsDep, caller: Reader) -> ZipResponse:
    """Everything the agent saw of a finished incident and what it was, without secrets, addresses and people's names.
    The same incident gives the same file.
    """
    async with deps.db.transaction() as session:
        number, record = await reading.read(session, caller.team.team_id, incident_id)
    name = f"incident-{number}"
    content = await asyncio.to_thread(lambda: zipped(files_of(record), name))
    return ZipResponse(content, headers={"Content-Disposition": f'attachment; filename="{name}.zip"'})

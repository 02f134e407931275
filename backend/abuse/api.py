"""/api/abuse: attempts to sign in and blocked addresses, for those who run the installation."""

from ipaddress import ip_network
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from backend.abuse import schemas, service
from backend.access import DepsDep, Person, require_platform
from backend.audit import service as audit
from backend.audit.service import Thing
from backend.cursor import Limit
from backend.errors import Invalid
from backend.http import PROBLEM

router = APIRouter(prefix="/api/abuse", tags=["abuse"])

Reader = Annotated[Person, Depends(require_platform("abuse.read"))]
Writer = Annotated[Person, Depends(require_platform("abuse.write"))]
Address = Annotated[str, Query(max_length=60, description="An address, or a network such as 2001:db8::/64.")]

NOT_BLOCKED: dict[int | str, dict[str, Any]] = {
    404: {"description": "`not_blocked`: this address is not blocked.", "content": {PROBLEM: {}}}
}


@router.get("/attempts")
async def list_attempts(
    deps: DepsDep,
    person: Reader,
    email: Annotated[str | None, Query(max_length=254)] = None,
    ip_address: Annotated[str | None, Query(max_length=60)] = None,
    outcome: schemas.Outcome | None = None,
    cursor: Annotated[
        str | None, Query(pattern="^[0-9]{1,18}$", description="`next_cursor` of the page before.")
    ] = None,
    limit: Limit = 50,
) -> schemas.AttemptPage:
    """Attempts to sign in, the newest first."""
    async with deps.db.transaction() as session:
        rows = await service.attempts(
            session,
            email=email.strip().lower() if email else None,
            ip=_network(ip_address) if ip_address else None,
            outcome=outcome,
            before=int(cursor) if cursor else None,
            limit=limit + 1,
        )
    items = [schemas.Attempt.model_validate(row) for row in rows[:limit]]
    return schemas.AttemptPage(items=items, next_cursor=str(items[-1].id) if len(rows) > limit else None)


@router.get("/blocked-ips")
async def list_blocked_ips(deps: DepsDep, person: Reader) -> schemas.BlockedIps:
    """Who is shut out now."""
    async with deps.db.transaction() as session:
        rows = await service.blocked_ips(session, deps.clock.now())
    return schemas.BlockedIps(items=[schemas.BlockedIp.model_validate(row) for row in rows])


@router.delete("/blocked-ips", status_code=204, responses=NOT_BLOCKED)
async def unblock_ip(deps: DepsDep, person: Writer, ip_address: Address) -> Response:
    """Lets an address in again; its failures so far are forgiven."""
    now, place = deps.clock.now(), _network(ip_address)
    async with deps.db.transaction() as session:
        await service.unblock(session, place, now)
        await audit.record(
            session, person, "abuse.unblock", Thing("blocked_ip", name=ip_address), now, of_installation=True
        )
    return Response(status_code=204)


def _network(text: str) -> str:
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError:
        raise Invalid(f"{text!r} is neither an address nor a network.") from None

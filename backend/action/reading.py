"""Actions as people see them: the row, who approved, and for every verb whether this person may."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import cursor as cursors
from backend.access import Caller
from backend.action import rules, schemas
from backend.action.decision import asks_second_factor, decisions_of, standing_of
from backend.action.kinds import CATALOGUE, Preview
from backend.action.model import Action, ActionDecision
from backend.action.rules import DecisionVerb, Status
from backend.errors import NotFound
from backend.incident.model import Incident
from backend.incident.schemas import Verb

_SAME_NAMES = [
    name for name in schemas.Action.model_fields if name not in ("incident", "approvals", "approvals_needed", "verbs")
]
# The action an incident page shows first: the one on its way, else the newest.
_OPEN: tuple[Status, ...] = ("drafted", "proposed", "approved", "executing")


async def page(
    session: AsyncSession, caller: Caller, now: datetime, *, status: Status | None, cursor: str | None, limit: int
) -> schemas.ActionPage:
    """The team's actions with their incidents, newest first. Raises BadCursor."""
    query = select(Action, Incident).join(Incident, Incident.id == Action.incident_id)
    query = query.where(Action.team_id == caller.team.team_id)
    if status is not None:
        query = query.where(Action.status == status)
    query = cursors.newest_first(query, Action.created_at, Action.id, cursor, limit)
    found = (await session.execute(query)).all()
    rows, following = cursors.cut(found, limit, lambda row: (row[0].created_at, row[0].id))
    shown = await views(session, [action for action, _ in rows], caller, now)
    briefs = [schemas.IncidentBrief(id=i.id, number=i.number, title=i.title, severity=i.level) for _, i in rows]
    items = [view.model_copy(update={"incident": brief}) for view, brief in zip(shown, briefs, strict=True)]
    return schemas.ActionPage(items=items, next_cursor=following)


async def of_incident(
    session: AsyncSession, caller: Caller, incident_id: uuid.UUID, now: datetime
) -> list[schemas.Action]:
    """All actions of an incident, newest first. Raises NotFound."""
    known = select(Incident.id).where(Incident.id == incident_id, Incident.team_id == caller.team.team_id)
    if (await session.scalars(known)).one_or_none() is None:
        raise NotFound()
    query = select(Action).where(Action.incident_id == incident_id)
    actions = (await session.scalars(query.order_by(Action.created_at.desc(), Action.id.desc()))).all()
    return await views(session, actions, caller, now)


async def current(
    session: AsyncSession, caller: Caller, incident_id: uuid.UUID, now: datetime
) -> schemas.Action | None:
    """The action an incident page shows: the one on its way, else the newest."""
    actions = await of_incident(session, caller, incident_id, now)
    on_its_way = (action for action in actions if action.status in _OPEN)
    return next(on_its_way, actions[0] if actions else None)


async def views(
    session: AsyncSession, actions: Sequence[Action], caller: Caller, now: datetime
) -> list[schemas.Action]:
    """Rows of the caller's team as the API shows them to this caller."""
    decisions = await decisions_of(session, *(action.id for action in actions)) if actions else []
    proved = not actions or caller.aal == "aal2" or not await asks_second_factor(session, caller.team.team_id)
    return [
        _view(action, [d for d in decisions if d.action_id == action.id], caller, proved, now) for action in actions
    ]


def _view(
    action: Action, decisions: Iterable[ActionDecision], caller: Caller, proved: bool, now: datetime
) -> schemas.Action:
    approvals = [d for d in decisions if d.decision == "approve"]
    standing = standing_of(action, approvals)

    def verb(name: DecisionVerb) -> Verb:
        reason = rules.may_decide(
            name, standing, caller.user_id, now, allowed=caller.may("action.decide"), proved=proved
        )
        return Verb(allowed=reason is None, reason=reason and reason.text, code=reason and reason.code)

    values = {name: getattr(action, name) for name in _SAME_NAMES}
    values["preview"] = action.preview or _by_hand(action)
    return schemas.Action.model_validate(
        {
            **values,
            "approvals": [schemas.Approval(who=a.who, at=a.created_at) for a in approvals],
            "approvals_needed": rules.approvals_needed(action.danger),
            "verbs": schemas.ActionVerbs(approve=verb("approve"), reject=verb("reject"), postpone=verb("postpone")),
        }
    )


def _by_hand(action: Action) -> Preview | None:
    """What nobody prepared because Nightdesk cannot run it: a person reads how to do it without."""
    kind = CATALOGUE.get(action.kind)
    if action.status != "advice" or kind is None:
        return None
    try:
        params = kind.params.model_validate(action.params)
    except ValidationError:
        return None
    return Preview(summary=f"{kind.title} {params.subject()}.", command=kind.command(params))

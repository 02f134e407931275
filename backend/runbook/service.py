"""The one writer of runbook hooks, and who may propose and call them."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from backend.access import Caller
from backend.errors import Conflict, Forbidden, Invalid, NotFound
from backend.runbook import rules
from backend.runbook.kinds import HookDefinition, HookFact, Method
from backend.runbook.model import RunbookHook

MAX_HOOKS_OFFERED = 50


class HookNameTaken(Conflict):
    """There is a hook by that name already."""

    code = "hook_name_taken"


async def create(session: AsyncSession, caller: Caller, values: Mapping[str, Any], now: datetime) -> RunbookHook:
    """Registers a hook for the caller's team. Raises Forbidden, Invalid, HookNameTaken."""
    _check_caller(caller)
    _check(values)
    hook = RunbookHook(
        id=uuid.uuid4(), team_id=caller.team.team_id, created_at=now, updated_at=now, is_active=True, **_columns(values)
    )
    session.add(hook)
    await _flush(session)
    return hook


async def change(
    session: AsyncSession, caller: Caller, hook_id: uuid.UUID, values: Mapping[str, Any], now: datetime
) -> RunbookHook:
    """Changes what is given. Actions that wait for a decision on the old version become stale by themselves."""
    _check_caller(caller)
    hook = await _locked(session, caller, hook_id)
    _check(values)
    for name, value in _columns(values).items():
        setattr(hook, name, value)
    hook.updated_at = now
    await _flush(session)
    return hook


async def as_it_is(session: AsyncSession, caller: Caller, hook_id: uuid.UUID, names: Iterable[str]) -> dict[str, Any]:
    """What a change is compared with: these fields of a hook, which is locked, without its headers. Raises NotFound."""
    hook = await _locked(session, caller, hook_id)
    return {name: getattr(hook, name) for name in names if name != "headers"}


async def remove(session: AsyncSession, caller: Caller, hook_id: uuid.UUID) -> None:
    """Forgets a hook and its secrets. Actions that called it keep what they did."""
    _check_caller(caller)
    await session.delete(await _locked(session, caller, hook_id))
    await session.flush()


async def hooks_for(session: AsyncSession, team_id: uuid.UUID, target: str) -> list[HookFact]:
    """The hooks that may be proposed for a target: its own first, then those for any."""
    query = (
        select(RunbookHook)
        .where(RunbookHook.team_id == team_id, RunbookHook.is_active, _is_for(target))
        .order_by(RunbookHook.target.is_(None), RunbookHook.name)
        .limit(MAX_HOOKS_OFFERED)
    )
    return [
        HookFact(
            name=hook.name,
            description=hook.description,
            categories=hook.categories,
            params_schema=hook.params_schema,
            risk=hook.danger,
        )
        for hook in await session.scalars(query)
    ]


async def find(session: AsyncSession, team_id: uuid.UUID, name: str, target: str) -> RunbookHook | None:
    """The active hook by that name, if it is meant for the target."""
    query = select(RunbookHook).where(
        RunbookHook.team_id == team_id, RunbookHook.name == name, RunbookHook.is_active, _is_for(target)
    )
    return (await session.scalars(query)).one_or_none()


async def definition(session: AsyncSession, team_id: uuid.UUID, name: str) -> HookDefinition | None:
    """The hook with its secrets, for the process that calls it. None: gone or switched off."""
    query = (
        select(RunbookHook)
        .where(RunbookHook.team_id == team_id, RunbookHook.name == name, RunbookHook.is_active)
        .options(undefer(RunbookHook.headers_secret))
    )
    hook = (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()
    if hook is None:
        return None
    return HookDefinition(
        id=hook.id,
        name=hook.name,
        description=hook.description,
        url=hook.url,
        method=cast(Method, hook.method),
        headers=hook.headers_secret,
        params_schema=hook.params_schema,
        risk=hook.danger,
        idempotent=hook.idempotent,
        inverse=hook.inverse,
        timeout_seconds=hook.timeout_seconds,
        settle_seconds=hook.settle_seconds,
    )


def _is_for(target: str) -> Any:
    return or_(RunbookHook.target.is_(None), RunbookHook.target == target)


def _check_caller(caller: Caller) -> None:
    if not caller.may("hook.write"):
        raise Forbidden()


def _check(values: Mapping[str, Any]) -> None:
    checks = {"url": rules.check_url, "headers": rules.check_headers, "params_schema": rules.check_schema}
    for name, check in checks.items():
        if name in values:
            wrong = check(values[name])
            if wrong is not None:
                raise Invalid(wrong.text, errors=[{"where": name, "what": wrong.text}])


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    return {("headers_secret" if name == "headers" else name): value for name, value in values.items()}


async def _locked(session: AsyncSession, caller: Caller, hook_id: uuid.UUID) -> RunbookHook:
    query = select(RunbookHook).where(RunbookHook.id == hook_id, RunbookHook.team_id == caller.team.team_id)
    hook = (await session.scalars(query.with_for_update())).one_or_none()
    if hook is None:
        raise NotFound()
    return hook


async def _flush(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        if "runbook_hooks_team_id_name_key" in str(error.orig):
            raise HookNameTaken() from None
        raise

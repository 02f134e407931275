"""Group commit: nobody is answered before their commit, and nobody fails because of somebody else."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.alert import integrations
from backend.alert.formats.alertmanager import SOURCE
from backend.alert.intake import Intake
from backend.alert.integrations import UnknownToken
from backend.deps import Deps
from tests.alert.stage import batch, firing, team_of
from tests.support.locks import until_somebody_waits


@pytest.fixture
async def intake(deps: Deps) -> AsyncGenerator[Intake]:
    intake = Intake(deps, SOURCE)
    yield intake
    await intake.close()


@pytest.fixture
async def token(deps: Deps) -> str:
    async with deps.db.transaction() as session:
        _, token = await integrations.create(session, await team_of(session), SOURCE, "a", deps.clock.now())
    return token


async def run(deps: Deps, statement: str) -> Any:
    async with deps.db.transaction() as session:
        return await session.execute(text(statement))


async def test_requests_that_wait_share_a_transaction(deps: Deps, intake: Intake, token: str):
    known = await intake.admit(token)
    answers = await asyncio.gather(*(intake.submit(known, batch(firing(f"f{i}"))) for i in range(50)))
    assert [len(answer.opened) for answer in answers] == [1] * 50
    transactions = (await run(deps, "select count(distinct xmin::text) from alerts")).scalar_one()
    assert transactions <= 2, "the first goes alone, all others share the next"


async def test_an_answer_comes_after_the_commit(deps: Deps, intake: Intake, token: str):
    known = await intake.admit(token)
    for number in range(20):
        answer = await intake.submit(known, batch(firing(f"f{number}")))
        found = await run(deps, f"select count(*) from incidents where id = '{answer.opened[0]}'")
        assert found.scalar_one() == 1


async def test_a_poisoned_request_fails_alone(deps: Deps, intake: Intake, token: str):
    await run(
        deps,
        "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'poison'; end $$",
    )
    await run(
        deps,
        "create trigger refuse before insert on alerts for each row when (new.fingerprint = 'poison')"
        " execute function refuse()",
    )
    known = await intake.admit(token)
    names = [f"f{i}" for i in range(10)]
    names.insert(5, "poison")
    answers = await asyncio.gather(
        *(intake.submit(known, batch(firing(name))) for name in names), return_exceptions=True
    )
    refused = answers.pop(5)
    assert isinstance(refused, DBAPIError)
    assert [len(getattr(answer, "opened", [])) for answer in answers] == [1] * 10
    assert (await run(deps, "select count(*) from alerts")).scalar_one() == 10


async def test_a_token_revoked_meanwhile_fails_alone_and_is_forgotten(deps: Deps, intake: Intake, token: str):
    async with deps.db.transaction() as session:
        gone, gone_token = await integrations.create(session, await team_of(session), SOURCE, "b", deps.clock.now())
    known, stale = await intake.admit(token), await intake.admit(gone_token)
    async with deps.db.transaction() as session:
        await integrations.revoke(session, gone.team_id, gone.id, deps.clock.now())
    one, two, three = await asyncio.gather(
        intake.submit(known, batch(firing("a"))),
        intake.submit(stale, batch(firing("b"))),
        intake.submit(known, batch(firing("c"))),
        return_exceptions=True,
    )
    assert isinstance(two, UnknownToken)
    assert len(getattr(one, "opened", [])) == len(getattr(three, "opened", [])) == 1
    with pytest.raises(UnknownToken):
        await intake.admit(gone_token)


async def test_a_client_that_goes_away_takes_nobody_along(deps: Deps, intake: Intake, token: str):
    known = await intake.admit(token)
    tasks = [asyncio.create_task(intake.submit(known, batch(firing(f"f{i}")))) for i in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await intake.close()
    assert all(task.done() and not task.cancelled() for task in tasks[1::2])
    assert (await run(deps, "select count(*) from alerts")).scalar_one() == 20


async def test_a_deadlock_with_another_process_is_survived(deps: Deps, intake: Intake, token: str):
    known = await intake.admit(token)
    await intake.submit(known, batch(firing("a"), firing("b")))
    async with deps.db.sessions() as other:
        await other.begin()
        await other.execute(text("update alerts set name = 'x' where fingerprint = 'b'"))
        mine = asyncio.create_task(intake.submit(known, batch(firing("a"), firing("b"))))
        await until_somebody_waits(deps)
        try:
            await other.execute(text("update alerts set name = 'x' where fingerprint = 'a'"))
            await other.commit()
        except DBAPIError:
            await other.rollback()
        assert len((await mine).merged) == 2
    assert (await run(deps, "select array_agg(receipts) from alerts")).scalar_one() == [2, 2]

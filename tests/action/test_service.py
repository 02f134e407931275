"""The writers of actions on a real database: what is taken, what a decision needs, what an execution leaves behind."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.action import decision, execution, service
from backend.action.decision import (
    ActionExpired,
    AlreadyDecided,
    DigestMismatch,
    MfaRequired,
    NotProposed,
    SecondPersonNeeded,
    SessionEnded,
)
from backend.action.kinds import Proposal, Result, VerificationCheck
from backend.action.model import ActionExecution
from backend.actor import SYSTEM, Actor
from backend.errors import Forbidden, Invalid, NotFound
from backend.incident import service as incidents
from backend.settings import Settings
from tests.action import stage
from tests.action.stage import MINUTE, PREVIEW, PROPOSAL, STATE, digest
from tests.support.clock import MovableClock

WORKED = Result(outcome="succeeded", result="HTTP 200: done")
GOOD = [VerificationCheck(name="monitor", ok=True, detail="It is up.")]
BAD = [VerificationCheck(name="monitor", ok=False, detail="It is down.")]


@pytest.fixture
def now(clock: MovableClock) -> datetime:
    return clock.now()


async def started(session: AsyncSession, settings: Settings, now: datetime, **hook: Any) -> Any:
    incident, action = await stage.approved(session, settings, now, **hook)
    go = await execution.start(session, action.id, STATE, settings, now, worker="w1", idempotent=False)
    assert go == "run"
    return incident, await stage.action_of(session, action.id)


# Draft and proposal


async def test_a_proposal_is_taken_in_our_own_terms(session: AsyncSession, now: datetime):
    await stage.register_hook(session, now, inverse="Restart it again.", risk="high", settle_seconds=7.0)
    incident = await stage.analyzed(session, now)
    lying = PROPOSAL.model_copy(update={"target": "something harmless", "evidence": ["E1", "<b>", "E22"]})
    action = await stage.action_of(session, await stage.drafted(session, incident, now, lying))
    assert (action.target, action.risk, action.inverse, action.settle_seconds) == (
        "orders",
        "high",
        "Restart it again.",
        7,
    )
    assert action.evidence == ["E1", "E22"]
    assert await stage.waiting_jobs(session, action.id) == {"prepare_action": None}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"kind": "shell.run", "params": {}}, "no action 'shell.run'"),
    ({"params": {"hook": "unknown"}}, "no active hook 'unknown'"),
    ({"params": {"hook": "restart-orders", "arguments": {"reason": 5}}}, "reason"),
    ({"params": {"hook": "restart-orders", "arguments": {"other": "x"}}}, "do not fit"),
    ({"params": {"hook": "restart-orders", "arguments": {"reason": "\x00"}}}, "characters"),
    ({"params": {"hook": "restart-orders", "shell": "rm -rf /"}}, "shell"),
    ({"rationale": "\ud800"}, "characters"),
    ({"kind": "docker.restart_container", "params": {"container": "web; rm -rf /"}}, "container"),
    (
        {"kind": "docker.restart_container", "params": {"container": "web", "stop_timeout_seconds": "10"}},
        "stop_timeout",
    ),
    ({"kind": "docker.start_container", "params": {"container": "web", "\x00": 1}}, "Extra"),
]


@pytest.mark.parametrize(("changes", "why"), REFUSED)
async def test_a_proposal_outside_the_catalogue_is_not_taken(
    session: AsyncSession, now: datetime, changes: dict[str, Any], why: str
):
    await stage.register_hook(session, now)
    incident = await stage.analyzed(session, now)
    proposal = PROPOSAL.model_copy(update=changes)
    assert await service.draft(session, incident, proposal, await stage.investigation(session, incident), now) is None
    await session.flush()
    assert incident.status == "analyzed"
    assert why in (incident.needs_person or "")
    assert (await stage.timeline(session, incident))[-1] == "discard"


async def test_a_hook_for_another_target_cannot_be_proposed(session: AsyncSession, now: datetime):
    await stage.register_hook(session, now, target="billing")
    incident = await stage.analyzed(session, now)
    assert await service.draft(session, incident, PROPOSAL, await stage.investigation(session, incident), now) is None


async def test_a_newer_draft_takes_the_place_of_an_older_one(session: AsyncSession, now: datetime):
    await stage.register_hook(session, now)
    incident = await stage.analyzed(session, now)
    first = await stage.drafted(session, incident, now)
    second = await stage.drafted(session, incident, now)
    assert (await stage.action_of(session, first)).status == "withdrawn"
    assert (await stage.action_of(session, second)).status == "drafted"


async def test_a_proposal_is_bound_shown_and_timed(session: AsyncSession, settings: Settings, now: datetime):
    incident, action = await stage.proposed(session, settings, now)
    assert (action.status, incident.status) == ("proposed", "awaiting_approval")
    assert action.digest == service.digest_of(action, STATE, str(action.policy_version))
    assert incident.proposed_action == PREVIEW.summary
    expires_at = now + timedelta(seconds=settings.proposal_ttl_seconds)
    assert action.expires_at == expires_at
    assert (await stage.waiting_jobs(session, action.id))["expire_action"] == expires_at


async def test_what_cannot_be_done_from_here_is_advice(session: AsyncSession, settings: Settings, now: datetime):
    await stage.register_hook(session, now)
    incident = await stage.analyzed(session, now)
    action_id = await stage.drafted(session, incident, now)
    assert await service.advise(session, action_id, "No Docker engine is connected.", now)
    assert (await stage.action_of(session, action_id)).status == "advice"
    assert incident.status == "analyzed"
    assert "No Docker engine" in (incident.needs_person or "")
    assert not await service.propose(session, action_id, PREVIEW, STATE, settings, now)


async def test_a_target_that_was_tried_too_often_gets_advice(session: AsyncSession, settings: Settings, now: datetime):
    incident, action = await stage.proposed(session, settings, now)
    for minute in range(3):
        await session.execute(
            text(
                "insert into public.actions (team_id, incident_id, kind, params, target, title, risk, status, digest,"
                " started_at) values (:team_id, :incident_id, 'runbook.call_hook', '{}', 'orders', 't', 'low',"
                " 'failed', 'x', :at)"
            ),
            {"team_id": incident.team_id, "incident_id": incident.id, "at": now - minute * MINUTE},
        )
    other = await stage.analyzed(session, now)
    action_id = await stage.drafted(session, other, now)
    await service.propose(session, action_id, PREVIEW, STATE, settings, now)
    assert (await stage.action_of(session, action_id)).status == "advice"
    assert "left alone until" in (other.needs_person or "")
    # The one that was proposed before is stopped at its start.
    alice = await stage.person(session, "alice@example.org")
    await decision.approve(session, action.id, alice, digest(action), "", now)
    assert await execution.start(session, action.id, STATE, settings, now, worker="w", idempotent=False) == "over"
    assert incident.status == "analyzed"


# The decision


async def test_an_approval_starts_it_and_says_who(session: AsyncSession, settings: Settings, now: datetime):
    incident, action = await stage.proposed(session, settings, now)
    alice = await stage.person(session, "alice@example.org")
    await decision.approve(session, action.id, alice, digest(action), "go on", now)
    assert (action.status, action.approved_by, action.decided_at) == ("approved", "alice@example.org", now)
    assert (incident.status, incident.approved_by) == ("executing_solution", "alice@example.org")
    assert "execute_action" in await stage.waiting_jobs(session, action.id)


async def test_a_forged_digest_is_refused_and_changes_nothing(session: AsyncSession, settings: Settings, now: datetime):
    _, action = await stage.proposed(session, settings, now)
    alice = await stage.person(session, "alice@example.org")
    for forged in ("0" * 64, "", digest(action).upper(), digest(action)[:-1]):
        with pytest.raises(DigestMismatch):
            await decision.approve(session, action.id, alice, forged, "", now)
    assert (await stage.action_of(session, action.id)).status == "proposed"


async def test_a_digest_of_another_proposal_is_refused(session: AsyncSession, settings: Settings, now: datetime):
    _, old = await stage.proposed(session, settings, now)
    other = await stage.analyzed(session, now)
    fresh_id = await stage.drafted(session, other, now)
    await service.propose(session, fresh_id, PREVIEW, STATE, settings, now)
    alice = await stage.person(session, "alice@example.org")
    with pytest.raises(DigestMismatch):
        await decision.approve(session, fresh_id, alice, digest(old), "", now)


async def test_a_replayed_approval_gets_the_first_decision(session: AsyncSession, settings: Settings, now: datetime):
    _, action = await stage.proposed(session, settings, now)
    alice, bob = await stage.person(session, "alice@example.org"), await stage.person(session, "bob@example.org")
    await decision.approve(session, action.id, alice, digest(action), "", now)
    for caller, shown in ((alice, digest(action)), (bob, digest(action)), (bob, "0" * 64)):
        with pytest.raises(AlreadyDecided) as refused:
            await decision.approve(session, action.id, caller, shown, "", now + MINUTE)
        first = refused.value.extra["decision"]
        assert (first["decision"], first["who"]) == ("approve", "alice@example.org")
        assert datetime.fromisoformat(first["at"]) == now
    with pytest.raises(AlreadyDecided):
        await decision.reject(session, action.id, bob, None, "too late", now)


async def test_a_team_that_asks_for_a_second_factor_takes_no_approval_without(
    session: AsyncSession, settings: Settings, now: datetime
):
    _, action = await stage.proposed(session, settings, now)
    await session.execute(text("update teams set settings = '{\"require_mfa\": true}' where slug = 'default'"))
    weak = await stage.person(session, "alice@example.org")
    with pytest.raises(MfaRequired):
        await decision.approve(session, action.id, weak, digest(action), "", now)
    lowered = await stage.person(session, "bob@example.org", aal="aal2")
    await session.execute(text("update auth.sessions set aal = 'aal1' where id = :id"), {"id": lowered.session_id})
    with pytest.raises(MfaRequired):
        await decision.approve(session, action.id, lowered, digest(action), "", now)
    assert action.status == "proposed"
    strong = await stage.person(session, "carol@example.org", aal="aal2")
    await decision.approve(session, action.id, strong, digest(action), "", now)
    assert action.status == "approved"


async def test_whoever_was_signed_out_decides_nothing(session: AsyncSession, settings: Settings, now: datetime):
    _, action = await stage.proposed(session, settings, now)
    gone = await stage.person(session, "alice@example.org")
    await session.execute(text("delete from auth.sessions where id = :id"), {"id": gone.session_id})
    with pytest.raises(SessionEnded):
        await decision.approve(session, action.id, gone, digest(action), "", now)
    with pytest.raises(SessionEnded):
        await decision.reject(session, action.id, gone, digest(action), "no", now)


async def test_nobody_decides_without_the_permission(session: AsyncSession, settings: Settings, now: datetime):
    _, action = await stage.proposed(session, settings, now)
    viewer = await stage.person(session, "victor@example.org", "viewer")
    with pytest.raises(Forbidden):
        await decision.approve(session, action.id, viewer, digest(action), "", now)


async def test_another_team_sees_nothing(session: AsyncSession, settings: Settings, now: datetime):
    _, action = await stage.proposed(session, settings, now)
    charlie = await stage.person(session, "charlie@example.net", "owner", team="others")
    for decide in (
        decision.approve(session, action.id, charlie, digest(action), "", now),
        decision.reject(session, action.id, charlie, None, "", now),
        decision.postpone(session, action.id, charlie, None, now + MINUTE, "", settings, now),
    ):
        with pytest.raises(NotFound):
            await decide
    with pytest.raises(NotFound):
        await decision.reject(session, uuid.uuid4(), charlie, None, "", now)


async def test_high_risk_needs_a_second_person(session: AsyncSession, settings: Settings, now: datetime):
    incident, action = await stage.proposed(session, settings, now, risk="high")
    alice, bob = await stage.person(session, "alice@example.org"), await stage.person(session, "bob@example.org")
    await decision.approve(session, action.id, alice, digest(action), "", now)
    assert (action.status, incident.status) == ("proposed", "awaiting_approval")
    with pytest.raises(SecondPersonNeeded):
        await decision.approve(session, action.id, alice, digest(action), "", now)
    await decision.approve(session, action.id, bob, digest(action), "", now)
    assert (action.status, action.approved_by) == ("approved", "alice@example.org, bob@example.org")


async def test_a_rejection_leaves_it_to_the_people(session: AsyncSession, settings: Settings, now: datetime):
    incident, action = await stage.proposed(session, settings, now)
    alice = await stage.person(session, "alice@example.org")
    await decision.reject(session, action.id, alice, digest(action), "not at night", now)
    assert (action.status, action.approved_by) == ("rejected", None)
    assert (incident.status, incident.approved_by) == ("analyzed", "alice@example.org")
    assert "alice@example.org" in (incident.needs_person or "")
    with pytest.raises(AlreadyDecided) as refused:
        await decision.approve(session, action.id, alice, digest(action), "", now)
    assert refused.value.extra["decision"]["decision"] == "reject"


async def test_a_postponed_proposal_outlives_its_deadline(session: AsyncSession, settings: Settings, now: datetime):
    incident, action = await stage.proposed(session, settings, now)
    alice = await stage.person(session, "alice@example.org")
    until = now + timedelta(hours=5)
    await decision.postpone(session, action.id, alice, None, until, "after the sale", settings, now)
    assert (action.status, action.postponed_until, incident.approved_by) == ("proposed", until, "alice@example.org")
    later = now + timedelta(hours=2)
    assert await decision.expire(session, action.id, later) == action.expires_at
    await decision.approve(session, action.id, alice, digest(action), "", later)
    assert action.status == "approved"


async def test_a_decision_cannot_be_postponed_into_the_past(session: AsyncSession, settings: Settings, now: datetime):
    _, action = await stage.proposed(session, settings, now)
    alice = await stage.person(session, "alice@example.org")
    with pytest.raises(Invalid):
        await decision.postpone(session, action.id, alice, None, now, "", settings, now)


async def test_an_undecided_proposal_expires(session: AsyncSession, settings: Settings, now: datetime):
    incident, action = await stage.proposed(session, settings, now)
    alice = await stage.person(session, "alice@example.org")
    assert action.expires_at is not None
    with pytest.raises(ActionExpired):
        await decision.approve(session, action.id, alice, digest(action), "", action.expires_at)
    assert await decision.expire(session, action.id, action.expires_at) is None
    assert ((await stage.action_of(session, action.id)).status, incident.status) == ("expired", "analyzed")
    assert incident.needs_person
    with pytest.raises(ActionExpired):
        await decision.approve(session, action.id, alice, digest(action), "", now)
    assert await decision.expire(session, action.id, action.expires_at) is None


# A proposal ends with its question


async def test_a_source_that_recovers_withdraws_the_proposal(session: AsyncSession, settings: Settings, now: datetime):
    incident, action = await stage.proposed(session, settings, now)
    await incidents.recover(session, incident.id, Actor("source", "monitor"), now, message="It is up.")
    action = await stage.action_of(session, action.id)
    assert (action.status, incident.status) == ("withdrawn", "resolved")
    alice = await stage.person(session, "alice@example.org")
    with pytest.raises(NotProposed) as refused:
        await decision.approve(session, action.id, alice, digest(action), "", now)
    assert "resolved" in refused.value.detail


async def test_a_new_investigation_withdraws_what_is_open(session: AsyncSession, settings: Settings, now: datetime):
    incident, action = await stage.proposed(session, settings, now)
    await incidents.command(session, incident.id, "investigate", SYSTEM, now)
    assert (await stage.action_of(session, action.id)).status == "withdrawn"
    drafting = await stage.analyzed(session, now)
    draft_id = await stage.drafted(session, drafting, now)
    await incidents.command(session, drafting.id, "investigate", SYSTEM, now)
    assert (await stage.action_of(session, draft_id)).status == "withdrawn"
    assert not await service.propose(session, draft_id, PREVIEW, STATE, settings, now)


# The execution


async def test_the_attempt_is_written_before_the_call(session: AsyncSession, settings: Settings, now: datetime):
    incident, action = await started(session, settings, now)
    assert (action.status, action.started_at, incident.executed_at) == ("executing", now, now)
    rows = await session.execute(text("select attempts, outcome from public.action_executions"))
    assert [tuple(row) for row in rows] == [(1, None)]


async def test_a_job_that_comes_twice_runs_nothing_twice(session: AsyncSession, settings: Settings, now: datetime):
    incident, action = await started(session, settings, now)
    await execution.finish(session, action.id, WORKED, now)
    assert await execution.start(session, action.id, STATE, settings, now, worker="w2", idempotent=True) == "over"
    assert incident.status == "verifying"


@pytest.mark.parametrize("live", [{"hook": "1" * 64}, None])
async def test_a_changed_target_makes_it_stale_and_is_looked_at_again(
    session: AsyncSession, settings: Settings, now: datetime, live: dict[str, Any] | None
):
    incident, action = await stage.approved(session, settings, now)
    assert await execution.start(session, action.id, live, settings, now, worker="w", idempotent=True) == "over"
    assert ((await stage.action_of(session, action.id)).status, incident.status) == ("stale", "investigating")
    jobs = await session.execute(
        text("select args ->> 'hint' from jobs.procrastinate_jobs where lock = :id order by id desc limit 1"),
        {"id": str(incident.id)},
    )
    assert "not started" in jobs.scalar_one()


async def test_what_recovered_in_the_meantime_is_resolved_untouched(
    session: AsyncSession, settings: Settings, now: datetime
):
    incident, action = await stage.approved(session, settings, now)
    await incidents.recover(session, incident.id, Actor("source", "monitor"), now, message="It is up.")
    assert incident.status == "executing_solution"
    assert await execution.start(session, action.id, STATE, settings, now, worker="w", idempotent=True) == "over"
    assert ((await stage.action_of(session, action.id)).status, incident.status) == ("stale", "resolved")
    assert (await session.execute(text("select count(*) from public.action_executions"))).scalar_one() == 0


async def test_an_altered_row_is_not_run(session: AsyncSession, settings: Settings, now: datetime):
    _, action = await stage.approved(session, settings, now)
    await session.execute(
        text("update public.actions set params = jsonb_set(params, '{arguments,reason}', '\"other\"') where id = :id"),
        {"id": action.id},
    )
    assert await execution.start(session, action.id, STATE, settings, now, worker="w", idempotent=True) == "over"
    action = await stage.action_of(session, action.id)
    assert (action.status, action.status_reason) == ("stale", "The action is no longer what was approved.")


async def test_what_may_be_repeated_runs_again_after_a_crash(session: AsyncSession, settings: Settings, now: datetime):
    _, action = await started(session, settings, now)
    for attempt in (2, 3):
        go = await execution.start(session, action.id, None, settings, now, worker="w2", idempotent=True)
        row = (await session.execute(text("select attempts, outcome from public.action_executions"))).one()
        assert (go, *row) == ("run", attempt, None)
    assert await execution.start(session, action.id, None, settings, now, worker="w2", idempotent=True) == "over"
    assert (await stage.action_of(session, action.id)).status == "unknown"


async def test_what_may_not_be_repeated_is_unknown_after_a_crash_and_a_person_is_told(
    session: AsyncSession, settings: Settings, now: datetime
):
    incident, action = await started(session, settings, now)
    assert await execution.start(session, action.id, None, settings, now, worker="w2", idempotent=False) == "over"
    action = await stage.action_of(session, action.id)
    assert (action.status, incident.status) == ("unknown", "verifying")
    assert incident.needs_person
    assert "verify_action" in await stage.waiting_jobs(session, action.id)
    assert not await execution.finish(session, action.id, WORKED, now)
    assert (await stage.timeline(session, incident))[-1] == "late_answer"
    assert (await stage.action_of(session, action.id)).status == "unknown"


async def test_an_executor_that_gives_up_tells_a_person(session: AsyncSession, settings: Settings, now: datetime):
    incident, action = await stage.approved(session, settings, now)
    await execution.cannot_start(session, action.id, "The Docker engine does not answer.", now)
    assert ((await stage.action_of(session, action.id)).status, incident.status) == ("stale", "analyzed")
    assert "could not be started" in (incident.needs_person or "")


async def test_the_result_is_kept_and_verified(session: AsyncSession, settings: Settings, now: datetime):
    incident, action = await started(session, settings, now)
    failed = Result(outcome="failed", error="HTTP 500: no", after_state={"status": "running"})
    assert await execution.finish(session, action.id, failed, now + MINUTE)
    action = await stage.action_of(session, action.id)
    assert (action.status, action.error, action.finished_at) == ("failed", "HTTP 500: no", now + MINUTE)
    assert (incident.status, incident.action_error) == ("verifying", "HTTP 500: no")
    row = await session.get_one(ActionExecution, (await _execution_id(session, action.id)))
    assert (row.outcome, row.after_state) == ("failed", {"status": "running"})


async def _execution_id(session: AsyncSession, action_id: uuid.UUID) -> uuid.UUID:
    query = text("select id from public.action_executions where action_id = :id")
    return (await session.execute(query, {"id": action_id})).scalar_one()


# What follows a verification


async def test_a_verified_recovery_resolves_the_incident(session: AsyncSession, settings: Settings, now: datetime):
    incident, action = await started(session, settings, now)
    await execution.finish(session, action.id, WORKED, now)
    assert await execution.verified(session, action.id, "recovered", GOOD, settings, now)
    assert (incident.status, incident.verification, incident.needs_person) == ("resolved", "recovered", None)
    action = await stage.action_of(session, action.id)
    assert (action.status, action.verification, action.verified_at) == ("succeeded", "recovered", now)
    assert action.verification_detail == {"checks": [{"name": "monitor", "ok": True, "detail": "It is up."}]}
    assert not await execution.verified(session, action.id, "not_recovered", BAD, settings, now)


@pytest.mark.parametrize(("rounds", "status"), [(1, "investigating"), (2, "investigating"), (3, "failed")])
async def test_what_did_not_help_is_investigated_again_three_times_at_most(
    session: AsyncSession, settings: Settings, now: datetime, rounds: int, status: str
):
    incident, action = await started(session, settings, now)
    incident.investigation_round = rounds
    await execution.finish(session, action.id, WORKED, now)
    await execution.verified(session, action.id, "not_recovered", BAD, settings, now)
    assert (incident.status, incident.verification) == (status, "not_recovered")
    assert bool(incident.needs_person) == (status == "failed")


async def test_what_cannot_be_told_is_left_to_a_person(session: AsyncSession, settings: Settings, now: datetime):
    incident, action = await started(session, settings, now)
    await execution.finish(session, action.id, WORKED, now)
    await execution.verified(session, action.id, "inconclusive", [], settings, now)
    assert (incident.status, incident.verification) == ("analyzed", "inconclusive")
    assert "cannot be told" in (incident.needs_person or "")


async def test_the_timeline_tells_the_whole_story(session: AsyncSession, settings: Settings, now: datetime):
    incident, action = await started(session, settings, now)
    await execution.finish(session, action.id, WORKED, now)
    await execution.verified(session, action.id, "recovered", GOOD, settings, now)
    assert await stage.timeline(session, incident) == [
        "detect",
        "investigate",
        "conclude",
        "propose",
        "execute",
        "start",
        "verify",
        "verified",
        "resolve",
    ]


async def test_a_docker_proposal_names_its_container(session: AsyncSession, now: datetime):
    incident = await stage.analyzed(session, now, target="web", source_type="container")
    proposal = Proposal(
        kind="docker.restart_container", params={"container": "web-1"}, target="?", rationale="", evidence=[]
    )
    action = await stage.action_of(session, await stage.drafted(session, incident, now, proposal))
    assert (action.target, action.title) == ("web-1", "Restart container web-1")
    assert action.params == {"container": "web-1", "stop_timeout_seconds": 10}

"""A process that was killed, or a job that failed, without a word from anybody: that it ended is no answer to why."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Container, Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.unwitnessed import unwitnessed
from backend.investigation.kinds import Category, Citation
from tests.agent_graph.cases import BEGAN, case

KILLED = "pod web-1 container web: terminated Error exit code 137 (SIGKILL)"
FAILED = "job web-29: Failed=True BackoffLimitExceeded: Job has reached the specified backoff limit"
OWN = LogLine("E1", "ERROR ledger is gone", "ERROR ledger is gone", "error", BEGAN, 1)
OTHER = LogLine("E1", "[api] WARN web unavailable", "[api] WARN web unavailable", "warning", BEGAN, 9, "api")
SHIPPER = LogLine("E1", "ERROR chunk dropped", "ERROR chunk dropped", "error", BEGAN, 9, "shipper")
PROBE = Sign("E2", "kubernetes", "probe_failure", "strong", "Liveness probe failed", "web-1", BEGAN, "it is not live")
FULL = Metric("E5", "memory", "memory: 50 → 99", [(BEGAN.timestamp(), 99.0)], 100.0, None)
STOPPED = LogLine("E4", "at container stop web", "container stop web", None, BEGAN, 1)

# name: what it is taken for, how it ended, what that is quoted for it, what else was seen; does nobody know why
ENDS: dict[str, tuple[Category, str, list[LogLine], dict[str, object], bool]] = {
    "killed, and nobody says a word": ("restart_loop", KILLED, [], {}, True),
    "its job failed, and nobody says a word": ("app_crash", FAILED, [], {}, True),
    "another misses it": ("app_crash", KILLED, [OTHER], {}, True),
    "its own word": ("app_crash", KILLED, [OWN], {}, False),
    "a probe ended it": ("restart_loop", KILLED, [], {"signs": [PROBE]}, False),
    "somebody stopped it": ("app_crash", KILLED, [], {"events": [STOPPED]}, False),
    "its memory was full": ("app_crash", KILLED, [], {"metrics": [FULL]}, False),
    "no log was read": ("app_crash", KILLED, [], {"log_evidence": 0}, False),
    "it ended by itself": ("app_crash", KILLED.replace("137 (SIGKILL)", "1"), [], {}, False),
    "another cause": ("oom", KILLED, [], {}, False),
}


@pytest.mark.parametrize("name", ENDS)
def test_that_it_ended_is_no_answer_to_why(name: str):
    category, how, quoted, more, unknown = ENDS[name]
    end = Sign("E2", "kubernetes", "app_crash", "strong", how, "web-1", BEGAN, "it ended")
    finding = Finding(category, "web ended", [end.cite(), *(line.cite() for line in quoted)], "strong")
    values = {"signs": [end], "lines": [OWN], "around": [OTHER], "log_evidence": 2, **more}
    if "signs" in more:
        values["signs"] = [end, PROBE]
    told = unwitnessed(finding, replace(Facts(case()), **values))
    assert (told is not None) == unknown
    if told is not None:
        assert "nothing that was recorded says why" in told


# How its engine saw it end, whether for memory, what it saw besides; does nobody know why
AGAIN: dict[str, tuple[list[int], bool, str, bool]] = {
    "killed each time, and by nobody": ([137, 137, 137], False, "start", True),
    "killed each time, for memory": ([137, 137, 137], True, "start", False),
    "somebody killed it": ([137, 137, 137], False, "kill signal=9", False),
    "it ended by itself at least once": ([1, 137, 137], False, "start", False),
}


@pytest.mark.parametrize("name", AGAIN)
def test_what_runs_again_was_killed_as_its_engine_saw(name: str):
    codes, for_memory, besides, unknown = AGAIN[name]
    state = {"running": True, "exit_code": 0, "of_target": True, "restart_count": 3, "oom_killed": for_memory}
    words = [*(f"die exitCode={code}" for code in codes), besides]
    events = [LogLine("E4", f"{n} {said}", said, None, BEGAN, 1) for n, said in enumerate(words)]
    facts = replace(Facts(case()), containers=[Container("E3", state, {})], events=events, log_evidence=1)
    finding = Finding(
        "restart_loop", "web does not stay up", [Citation(evidence="E3", quote="RestartCount: 3")], "strong"
    )
    assert (unwitnessed(finding, facts) is not None) == unknown


LATE = "job web-29: Failed=True DeadlineExceeded: Job was active longer than specified deadline"
CODE_1 = KILLED.replace("137 (SIGKILL)", "1 at 2026-11-21T03:01:00Z, memory limit 1Gi")
# How it ended, what else was seen; does nobody know why
UNREAD: dict[str, tuple[str, dict[str, object], bool]] = {
    "its log was not recorded": (CODE_1, {}, True),
    "its log was read": (CODE_1, {"log_evidence": 1}, False),
    "it left a last message": (CODE_1.split(",")[0] + ": ledger is gone", {}, False),
    "another complains of it": (CODE_1, {"around": [OTHER]}, False),
    "another's log was read": (CODE_1, {"lines": [SHIPPER], "log_evidence": 1}, True),
    "another's log was read besides": (CODE_1, {"lines": [SHIPPER], "log_evidence": 2}, False),
    "something was changed": (CODE_1, {"changes": [replace(STOPPED, text="deploy web: 7.1")]}, False),
    "another exit code": (CODE_1.replace("code 1", "code 78"), {}, False),
    "its job was tried in vain": (FAILED, {}, True),
    "its job took too long": (LATE, {}, False),
    "another complains of it, whose job failed": (FAILED, {"around": [OTHER]}, False),
}


def own(said: str, level: str | None = "info", minutes: int = -1) -> LogLine:
    return LogLine("E1", said, said, level, BEGAN + timedelta(minutes=minutes), 3)  # pyright: ignore[reportArgumentType]


START, SERVES = own("web 7.1 starting", minutes=-2), own("http: listening on :8080")
# A log that was read, the exit code; does nobody know why
CALM: dict[str, tuple[list[LogLine], str, bool]] = {
    "it served until it ended": ([START, SERVES], CODE_1, True),
    "with another code for any error": ([START, SERVES], CODE_1.replace("code 1", "code 2"), True),
    "it waits for work": ([START, own("ready, waiting for requests. Press Ctrl-C to quit")], CODE_1, True),
    "it waited in vain": ([START, own("gave up: database is not ready", minutes=0)], CODE_1, False),
    "it waits for another": ([START, own("ready as soon as db is, waiting for db:5432", minutes=0)], CODE_1, False),
    "its port was taken": ([START, own("address :8080 is taken, not listening", minutes=0)], CODE_1, False),
    "something is wanted": ([own("DATABASE_URL is required, will not start on port 80")], CODE_1, False),
    "it served no more": ([START, SERVES, own("no longer accepting traffic, exiting")], CODE_1, False),
    "it says what it was at": ([START, own("importing catalog 7", minutes=0)], CODE_1, False),
    "it complains": ([START, SERVES, own("could not open ledger", None, 0)], CODE_1, False),
    "it warned": ([START, own("cache is cold", "warning"), SERVES], CODE_1, False),
    "with a code of its own": ([START, SERVES], CODE_1.replace("code 1", "code 78"), False),
    "another complains of it": ([START, SERVES, replace(OTHER, text="[api] ERROR web failed")], CODE_1, False),
}


@pytest.mark.parametrize("name", CALM)
def test_a_log_that_ends_as_on_good_days_does_not_say_why(name: str):
    lines, how, unknown = CALM[name]
    end = Sign("E2", "kubernetes", "app_crash", "strong", how, "web-1", BEGAN, "it ended")
    told = unwitnessed(
        Finding("app_crash", "web ended", [end.cite()], "strong"),
        replace(Facts(case()), signs=[end], lines=lines, log_evidence=1),
    )
    assert (told is not None) == unknown


@pytest.mark.parametrize("name", UNREAD)
def test_why_it_ended_after_some_error_is_in_its_log_alone(name: str):
    how, more, unknown = UNREAD[name]
    end = Sign("E2", "kubernetes", "app_crash", "strong", how, "web-1", BEGAN, "it ended")
    facts = replace(Facts(case()), signs=[end], **more)
    told = unwitnessed(Finding("app_crash", "web ended", [end.cite()], "strong"), facts)
    assert (told is not None) == unknown


# How its engine saw it end, what it saw besides; does nobody know why
ENDED: dict[str, tuple[list[int], str, bool]] = {
    "with 1 each time": ([1, 1, 1], "start", True),
    "killed once": ([1, 137, 1], "start", False),
    "with a code of its own": ([78, 78, 78], "start", False),
    "somebody stopped it": ([1], "stop", False),
}


@pytest.mark.parametrize("name", ENDED)
def test_its_engine_knows_the_code_and_not_the_reason(name: str):
    codes, besides, unknown = ENDED[name]
    state = {"running": True, "exit_code": 0, "of_target": True, "restart_count": 3}
    words = [*(f"die exitCode={code}" for code in codes), besides]
    events = [LogLine("E4", f"{n} {said}", said, None, BEGAN, 1) for n, said in enumerate(words)]
    facts = replace(Facts(case()), containers=[Container("E3", state, {})], events=events, lines=[SHIPPER])
    facts = replace(facts, log_evidence=1)
    finding = Finding(
        "restart_loop", "web does not stay up", [Citation(evidence="E3", quote="RestartCount: 3")], "strong"
    )
    assert (unwitnessed(finding, facts) is not None) == unknown


def test_what_is_said_long_after_the_end_is_not_its_own():
    line = replace(OWN, at=BEGAN + timedelta(minutes=8))
    state = {"running": False, "exit_code": 137, "finished_at": BEGAN.isoformat(), "of_target": True}
    facts = replace(
        Facts(case()), containers=[Container("E3", state, {})], lines=[line], log_evidence=1, around=[OTHER]
    )
    finding = Finding("app_crash", "web ended", [Citation(evidence="E3", quote="exited"), line.cite()], "strong")
    assert unwitnessed(finding, facts) is not None
    early = replace(facts, lines=[OWN])
    assert unwitnessed(replace(finding, supporting=[OWN.cite()]), early) is None

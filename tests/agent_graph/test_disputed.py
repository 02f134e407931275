"""A measurement that the platform itself denies is no proof: both are told, and neither is believed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.disputed import disputed
from agent_graph.analysts.rules.ends import ends_differ
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.run_flags import failed_end
from agent_graph.analysts.rules.signatures.config_error import match as config_error
from agent_graph.analysts.rules.signatures.lock_contention import match as lock_contention
from agent_graph.analysts.rules.well.wellness import healthy
from backend.investigation.kinds import Category
from tests.agent_graph.cases import BEGAN, NOW, alert, case, container

LONG_AGO, SINCE = BEGAN - timedelta(days=9), BEGAN + timedelta(minutes=2)
POD = 'kube_pod_container_status_restarts_total{container="app", pod="web-0"}'
ENGINE = 'container_start_time_changes{name="web"}'


def _metric(line: str) -> Metric:
    points = [((BEGAN + timedelta(minutes=n)).timestamp(), float(n)) for n in range(8)]
    return Metric("E3", "restarts", f"{line}: 0 → 7", points, None, BEGAN)


def _finding(category: Category, *metrics: Metric) -> Finding:
    return Finding(category, "web was restarted again and again.", [m.cite() for m in metrics], "strong")


READY = Sign("E2", "kubernetes", "healthy", "strong", "pod web-0: phase Running", "web-0", None, "pod web-0 is ready")
ENDED = Sign("E2", "kubernetes", "app_crash", "strong", "pod web-0: terminated", "web-0", None, "web-0 ended")
OTHER = replace(READY, subject="web-1")
CRASH = LogLine("E4", "03:05:00 fatal: no config", "fatal: no config", "fatal", NOW - timedelta(seconds=30), 9)


def _pods(*signs: Sign, since: str = LONG_AGO.isoformat(), lines: tuple[LogLine, ...] = ()) -> Facts:
    platform = {"runs_since": {"web-0": since, "web-1": since}}
    return Facts(case=case(), signs=list(signs), metrics=[_metric(POD)], platform=platform, lines=list(lines))


# name: the facts, what was found, whether they contradict each other
CASES: dict[str, tuple[Facts, Category, bool]] = {
    "the pod runs undisturbed": (_pods(READY), "restart_loop", True),
    "it was started since": (_pods(READY, since=SINCE.isoformat()), "restart_loop", False),
    "the platform saw it end, too": (_pods(READY, ENDED), "restart_loop", False),
    "another pod is well": (_pods(OTHER), "restart_loop", False),
    "its log agrees with the measurement": (_pods(READY, lines=(CRASH,)), "restart_loop", False),
    "of what no platform knows": (_pods(READY), "slow_query", False),
}


@pytest.mark.parametrize("name", CASES)
def test_what_the_platform_denies_is_disputed(name: str):
    facts, category, wanted = CASES[name]
    found = disputed(_finding(category, *facts.metrics), facts)
    assert (found is not None) == wanted
    assert found is None or ("contradict" in found[0] and "0 → 7" in found[0] and found[1][-1].evidence == "E2")


@pytest.mark.parametrize(("restarts", "wanted"), [(0, True), (3, False)])
def test_an_engine_denies_it_as_well(restarts: int, wanted: bool):
    running = container(Running=True, restarts=restarts, StartedAt=LONG_AGO.isoformat())
    facts = replace(read(case(), [running]), metrics=[_metric(ENGINE)])
    assert (disputed(_finding("restart_loop", *facts.metrics), facts) is not None) == wanted


EXIT, SAVED = (
    'backup_last_exit_code{exported_job="restic", instance="web"}',
    "restic-backup.service: Deactivated successfully.",
)
ENDS: dict[str, tuple[str, list[float], tuple[str, ...], bool, bool]] = {
    "it failed by the measurement alone": (EXIT, [0, 0, 1, 1], (SAVED,), True, True),
    "its log says so, too": (EXIT, [0, 0, 3, 3], ("Warning: failed to read all source data", SAVED), True, False),
    "its log says nothing": (EXIT, [0, 0, 1, 1], (), True, False),
    "it ended well": (EXIT, [0, 0, 0, 0], (SAVED,), False, False),
    "a flag that is one when all is well": (
        'backup_last_run_success{job="borg"}',
        [1, 1, 0, 0],
        ("borg: backup done",),
        True,
        True,
    ),
    "it is of one run, which stays as it ended": (
        'kube_job_status_failed{job="x"}',
        [0, 0, 1, 1],
        (SAVED,),
        False,
        False,
    ),
    "it is of a container, which may run again": (
        'container_last_exit_code{name="web"}',
        [0, 0, 1, 1],
        (),
        False,
        False,
    ),
    "it is of something else": ('mail_export_last_exit_code{job="x"}', [0, 0, 1, 1], (SAVED,), False, False),
}


def _ended(series: str, values: list[float], said: tuple[str, ...]) -> Facts:
    points = [((BEGAN + timedelta(minutes=n)).timestamp(), value) for n, value in enumerate(values)]
    measured = Metric("E3", "other", f"{series}: {values[0]:g} → {values[-1]:g}", points, None, None)
    at = BEGAN + timedelta(minutes=1)
    lines = [LogLine("E2", f"{at:%H:%M:%S} {one}", one, None, at, 1) for one in said]
    told = alert(name="BackupLastRunFailed", annotations={"summary": "last backup of web failed"})
    return Facts(case(alerts=[told]), metrics=[measured], lines=lines, signs=[READY, OTHER])


@pytest.mark.parametrize("name", ENDS)
def test_a_run_that_failed_by_its_measurement_and_not_by_its_log_is_disputed(name: str):
    series, values, said, failed, differ = ENDS[name]
    facts = _ended(series, values, said)
    assert (failed_end(facts) is not None) == failed
    assert (ends_differ(facts) is not None) == differ
    assert healthy(facts) is None or not failed


@pytest.mark.parametrize(("code", "strength"), [(2, "strong"), (0, "weak")])
def test_a_run_that_is_measured_to_have_failed_stands_behind_the_words_of_its_log(code: int, strength: str):
    """Who runs the work says of every failure that its configuration was run in vain: that is no cause."""
    locked = "Failed to create/acquire the lock /mnt/web.borg/lock.exclusive (timeout)."
    facts = _ended(EXIT, [0, 0, code, code], (locked, "/etc/borgmatic/config.yaml: Error running configuration file"))
    found = lock_contention(facts)
    assert found is not None
    assert found.strength == strength
    assert config_error(facts) is None


_LINK = 'peer_state{{job="{}", local="{}", peer="{}"}}'
_HERE, _THERE = _LINK.format("router", "dra-1", "hss-2.example"), _LINK.format("hss", "hss-2", "dra-1.example")
_OTHER = _LINK.format("hss", "hss-3", "dra-1.example")
LINKS: dict[str, tuple[str, list[float], str, list[float], bool]] = {
    "one end turned, and the other did not": (_HERE, [1, 1, 0, 0], _THERE, [1, 1, 1, 1], True),
    "both ends turned": (_HERE, [1, 1, 0, 0], _THERE, [1, 1, 0, 0], False),
    "both are up": (_HERE, [1, 1, 1, 1], _THERE, [1, 1, 1, 1], False),
    "it is back": (_HERE, [1, 0, 0, 1], _THERE, [1, 1, 1, 1], False),
    "an end of another link": (_HERE, [1, 1, 0, 0], _OTHER, [1, 1, 1, 1], False),
    "two that never agreed": (_HERE, [2, 2, 0, 0], _THERE, [1, 1, 1, 1], False),
    "what is no state": (_HERE, [1.5, 1.5, 0.2, 0.2], _THERE, [1.5, 1.5, 1.5, 1.5], False),
}


@pytest.mark.parametrize("name", LINKS)
def test_two_ends_of_one_link_that_contradict_each_other(name: str):
    here, down, there, up, wanted = LINKS[name]
    ends = [_ended(here, down, ()).metrics[0], _ended(there, up, ()).metrics[0]]
    for metrics in (ends, ends[::-1]):
        found = ends_differ(Facts(case(), metrics=metrics))
        assert (found is not None) == wanted
        assert found is None or (found.supporting[0].quote.startswith(here) and found.contradicting[0].evidence == "E3")

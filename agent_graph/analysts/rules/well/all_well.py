"""The reasons for which all is well, whatever else was found, in the order in which they are believed."""

from collections.abc import Callable, Sequence
from typing import get_args

from agent_graph.analysts.rules.confidence import ORDER
from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.ranking import Ranked
from agent_graph.analysts.rules.well.absence import OF_ABSENCE
from agent_graph.analysts.rules.well.absorbed import absorbed
from agent_graph.analysts.rules.well.accounted import accounted
from agent_graph.analysts.rules.well.always_firing import always_firing
from agent_graph.analysts.rules.well.as_yesterday import as_yesterday
from agent_graph.analysts.rules.well.asked_for import asks_for_the_old
from agent_graph.analysts.rules.well.asleep import asleep
from agent_graph.analysts.rules.well.audited import audited
from agent_graph.analysts.rules.well.back_again import back_again
from agent_graph.analysts.rules.well.between_runs import between_runs
from agent_graph.analysts.rules.well.complaints import CALM
from agent_graph.analysts.rules.well.counted_before import counted_before
from agent_graph.analysts.rules.well.counted_twice import counted_twice
from agent_graph.analysts.rules.well.counted_words import only_a_word
from agent_graph.analysts.rules.well.delays import behind_on_purpose
from agent_graph.analysts.rules.well.draining import draining
from agent_graph.analysts.rules.well.drilled_pods import killed_in_drill
from agent_graph.analysts.rules.well.drills import drilled
from agent_graph.analysts.rules.well.dumps import reads_for_backup
from agent_graph.analysts.rules.well.each_round import each_round
from agent_graph.analysts.rules.well.every_day import as_every_day
from agent_graph.analysts.rules.well.exit_meant import exit_meant
from agent_graph.analysts.rules.well.expected_caller import expected_caller
from agent_graph.analysts.rules.well.few_asked import one_of_few
from agent_graph.analysts.rules.well.first_copy import first_copy
from agent_graph.analysts.rules.well.flapping import too_tight
from agent_graph.analysts.rules.well.forecasts import forecast_passed
from agent_graph.analysts.rules.well.full_by_design import full_by_design
from agent_graph.analysts.rules.well.guessers import guessed
from agent_graph.analysts.rules.well.held import held_on_purpose
from agent_graph.analysts.rules.well.images import image_full
from agent_graph.analysts.rules.well.injected_faults import fault_as_drilled
from agent_graph.analysts.rules.well.known_work import known_work
from agent_graph.analysts.rules.well.left_behind import left_behind
from agent_graph.analysts.rules.well.level_kept import level_kept
from agent_graph.analysts.rules.well.limited_as_set import limited_as_set
from agent_graph.analysts.rules.well.load_tests import under_test
from agent_graph.analysts.rules.well.machines_away import machines_away
from agent_graph.analysts.rules.well.members_out import member_out
from agent_graph.analysts.rules.well.names_absent import names_absent
from agent_graph.analysts.rules.well.negative_test import LOOKS_LIKE as NEGATIVE
from agent_graph.analysts.rules.well.negative_test import negative_test
from agent_graph.analysts.rules.well.new_address import new_address
from agent_graph.analysts.rules.well.new_check import found_by_new_check
from agent_graph.analysts.rules.well.new_rules import judged_anew
from agent_graph.analysts.rules.well.nobody_waits import nobody_waits
from agent_graph.analysts.rules.well.occasions import told_why
from agent_graph.analysts.rules.well.one_place import one_place
from agent_graph.analysts.rules.well.other_side import other_side_away
from agent_graph.analysts.rules.well.page_cache import page_cache
from agent_graph.analysts.rules.well.planned_work import announced, foreseen, worked_on
from agent_graph.analysts.rules.well.portable import portable_away
from agent_graph.analysts.rules.well.probing import only_echoes, probers_own
from agent_graph.analysts.rules.well.proportion import in_proportion
from agent_graph.analysts.rules.well.read_through import read_through
from agent_graph.analysts.rules.well.registered_run import busy_with_its_run
from agent_graph.analysts.rules.well.renamed import renamed
from agent_graph.analysts.rules.well.replayed import replayed
from agent_graph.analysts.rules.well.retired import retired
from agent_graph.analysts.rules.well.rolling import rolling
from agent_graph.analysts.rules.well.room_due import room_due
from agent_graph.analysts.rules.well.rush import prepared_for
from agent_graph.analysts.rules.well.standby import stands_by
from agent_graph.analysts.rules.well.stood_in import stood_in
from agent_graph.analysts.rules.well.successors import replaced_in_time
from agent_graph.analysts.rules.well.suspended import suspended
from agent_graph.analysts.rules.well.taken_over import taken_over
from agent_graph.analysts.rules.well.there_already import there_already
from agent_graph.analysts.rules.well.timetable import by_timetable
from agent_graph.analysts.rules.well.unfelt import unfelt
from agent_graph.analysts.rules.well.upkeep import upkeep
from agent_graph.analysts.rules.well.visitors import challenged, only_asked, scanned
from agent_graph.analysts.rules.well.wellness import recovered
from backend.investigation.kinds import Category

Reason = Callable[[Facts, Sequence[Category]], Finding | None]

# What may be confirmed while a reason is still believed: what its good news looks like to others. ANY: the reason asks
# itself what is likely, or the alert is about nothing. None: all is over, and what was confirmed is what it was.
_ANY: frozenset[Category] = frozenset(get_args(Category))
_AWAY = OF_ABSENCE - {"app_crash", "restart_loop"}
_BEHIND: frozenset[Category] = frozenset({"replication_lag"})
_ASKED: frozenset[Category] = frozenset({"network_error", "probe_failure"})
_ANSWERED: frozenset[Category] = frozenset({"network_error", "probe_failure", "bad_deploy", "config_error"})
_RESOLVED: frozenset[Category] = frozenset({"network_error", "probe_failure", "dns_failure"})
_PROBED: frozenset[Category] = frozenset({*_RESOLVED, "config_error"})
_REASONS: tuple[tuple[Reason, frozenset[Category] | None], ...] = (
    (lambda facts, _: always_firing(facts), _ANY),
    (read_through, frozenset()),
    (lambda facts, _: recovered(facts), None),
    (lambda facts, _: back_again(facts), None),
    (announced, _AWAY | _BEHIND),
    (drilled, _AWAY),
    (killed_in_drill, frozenset({"restart_loop", "app_crash"})),
    (fault_as_drilled, frozenset({"network_error", "dependency_failure"})),
    (other_side_away, frozenset()),
    (machines_away, frozenset({"node_failure"})),
    (room_due, frozenset({"scheduling_failure"})),
    (exit_meant, frozenset({"app_crash"})),
    (negative_test, NEGATIVE),
    (portable_away, frozenset()),
    (probers_own, _PROBED),
    (lambda facts, _: only_echoes(facts), _ASKED),
    (one_place, _RESOLVED),
    (asks_for_the_old, _ANSWERED),
    (by_timetable, _AWAY),
    (between_runs, _AWAY),
    (lambda facts, _: behind_on_purpose(facts), _BEHIND),
    (new_address, frozenset({"dns_failure"})),
    (found_by_new_check, frozenset({"certificate_expired"})),
    (worked_on, _ANY),
    (foreseen, _ANY),
    (under_test, _ANY),
    (audited, frozenset({"network_error", "permission_denied", "rate_limited"})),
    (unfelt, _ANY),
    (lambda facts, _: scanned(facts), frozenset()),
    (only_asked, _ANY),
    (lambda facts, _: challenged(facts), frozenset()),
    (lambda facts, _: guessed(facts), frozenset()),
    (expected_caller, frozenset()),
    (names_absent, frozenset({"dns_failure"})),
    (full_by_design, _ANY),
    (level_kept, frozenset({"disk_pressure"})),
    (image_full, _ANY),
    (page_cache, frozenset({"memory_pressure"})),
    (rolling, _ANY),
    (draining, _ANY),
    (as_every_day, _ANY),
    (as_yesterday, _ANY),
    (each_round, _ANY),
    (forecast_passed, _ANY),
    (held_on_purpose, _ANY),
    (suspended, _ANY),
    (stood_in, _ANY),
    (asleep, frozenset()),
    (taken_over, frozenset({"app_crash"})),
    (stands_by, _ANY),
    (retired, frozenset()),
    (left_behind, frozenset({"node_failure"})),
    (renamed, frozenset()),
    (member_out, frozenset()),
    (first_copy, frozenset({"slow_query", "probe_failure", "bad_deploy"})),
    (judged_anew, frozenset()),
    (counted_before, frozenset()),
    (in_proportion, frozenset()),
    (accounted, frozenset()),
    (absorbed, frozenset()),
    (nobody_waits, frozenset()),
    (only_a_word, frozenset()),
    (prepared_for, frozenset()),
    (one_of_few, _ANY),
    (replayed, frozenset({"app_crash"})),
    (there_already, frozenset()),
    (reads_for_backup, _ANY),
    (known_work, _ANY),
    (busy_with_its_run, frozenset({"cpu_throttling"})),
    (upkeep, _ANY),
    (lambda facts, _: too_tight(facts), _ASKED),
    (lambda facts, _: counted_twice(facts), frozenset()),
    (limited_as_set, frozenset({"rate_limited"})),
    (lambda facts, _: replaced_in_time(facts), frozenset({"certificate_expired"})),
)


def all_well(facts: Facts, ranked: Sequence[Ranked]) -> Finding | None:
    """The first reason that holds. `ranked`: what else was found, the leading one first; what is confirmed of another
    kind than the reason explains is not reasoned away."""
    likely: list[Category] = [r.finding.category for r in ranked if ORDER[r.confidence] >= ORDER["likely"]]
    believed = (reason for reason, explains in _REASONS if _may_be(explains, ranked, facts))
    return told_why(next((found for reason in believed if (found := reason(facts, likely))), None), facts)


def _may_be(explains: frozenset[Category] | None, ranked: Sequence[Ranked], facts: Facts) -> bool:
    """Does what is confirmed leave room for it? What first showed just now is not over."""
    top = next((r.finding for r in ranked[:1] if r.confidence == "confirmed"), None)
    if top is None:
        return True
    if explains is None:
        return top.onset is None or top.onset < facts.case.now - CALM
    return top.category in explains

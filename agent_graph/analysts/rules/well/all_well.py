"""The reasons for which all is well, whatever else was found, in the order in which they are believed."""

from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.well.always_firing import always_firing
from agent_graph.analysts.rules.well.back_again import back_again
from agent_graph.analysts.rules.well.delays import behind_on_purpose
from agent_graph.analysts.rules.well.draining import draining
from agent_graph.analysts.rules.well.dumps import reads_for_backup
from agent_graph.analysts.rules.well.every_day import as_every_day
from agent_graph.analysts.rules.well.forecasts import forecast_passed
from agent_graph.analysts.rules.well.full_by_design import full_by_design
from agent_graph.analysts.rules.well.held import held_on_purpose
from agent_graph.analysts.rules.well.load_tests import under_test
from agent_graph.analysts.rules.well.occasions import told_why
from agent_graph.analysts.rules.well.planned_work import announced, worked_on
from agent_graph.analysts.rules.well.probing import only_echoes, probers_own
from agent_graph.analysts.rules.well.rolling import rolling
from agent_graph.analysts.rules.well.timetable import by_timetable
from agent_graph.analysts.rules.well.unfelt import unfelt
from agent_graph.analysts.rules.well.visitors import scanned
from agent_graph.analysts.rules.well.wellness import recovered
from backend.investigation.kinds import Category


def all_well(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """`likely`: what else is thought likely, the first first."""
    found = (
        always_firing(facts)
        or recovered(facts)
        or back_again(facts)
        or announced(facts, likely)
        or probers_own(facts)
        or only_echoes(facts)
        or by_timetable(facts, likely)
        or behind_on_purpose(facts)
        or worked_on(facts, likely)
        or under_test(facts, likely)
        or unfelt(facts, likely)
        or scanned(facts)
        or full_by_design(facts, likely)
        or rolling(facts, likely)
        or draining(facts, likely)
        or as_every_day(facts, likely)
        or forecast_passed(facts, likely)
        or held_on_purpose(facts, likely)
        or reads_for_backup(facts, likely)
    )
    return told_why(found, facts)

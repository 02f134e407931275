"""When a drill has passed, and how its times are counted."""

import pytest

from backend.drill.outcome import Outcome


def finished(**changes: object) -> Outcome:
    whole = {"status": "resolved", "verification": "recovered", "post_mortem_chars": 900}
    return Outcome(**{**whole, **changes})  # type: ignore[arg-type]


def test_resolved_recovered_and_written_up_is_a_pass():
    assert finished().passed


@pytest.mark.parametrize(
    "changes",
    [{"status": "failed"}, {"verification": "inconclusive"}, {"verification": None}, {"post_mortem_chars": 0}],
)
def test_anything_less_is_not(changes: dict[str, object]):
    assert not finished(**changes).passed


def test_times_are_between_the_marks_and_the_first_of_a_kind_counts():
    outcome = finished()
    for name, at in [("broken", 1.0), ("detected", 3.0), ("proposed", 3.5), ("proposed", 9.0), ("decided", 5.0)]:
        outcome.mark(name, at)
    assert outcome.document()["seconds"] == {"detect": 2.0, "propose": 0.5, "recover": None, "total": None}
    outcome.mark("resolved", 8.0)
    outcome.mark("written", 8.25)
    assert outcome.document()["seconds"] == {"detect": 2.0, "propose": 0.5, "recover": 3.0, "total": 7.25}

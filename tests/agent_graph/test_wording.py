"""Times of day say that they are UTC; one is not many."""

from datetime import UTC, datetime, timedelta

from agent_graph.logs.digest import digest
from agent_graph.wording import clock, counted, moment, span

AT = datetime(2026, 11, 21, 13, 42, 27, tzinfo=UTC)


def test_times_say_that_they_are_utc():
    assert (clock(AT), clock(AT, seconds=False)) == ("13:42:27 UTC", "13:42 UTC")
    assert moment(AT) == "2026-11-21 13:42:27 UTC"
    assert span(AT, AT + timedelta(seconds=3)) == "13:42:27 to 13:42:30 UTC"
    assert span(AT, AT) == "at 13:42:27 UTC"


def test_one_is_not_many():
    assert (counted(1, "event"), counted(0, "event"), counted(1200, "event")) == ("1 event", "0 events", "1,200 events")
    line = "2026-11-21T13:42:27Z ERROR no room"
    assert digest(line).summary == "1 line, at 13:42:27 UTC, an error, 1 kind of line shown."
    assert digest(f"{line}\n2026-11-21T13:42:30Z INFO fine").summary.startswith(
        "2 lines, 13:42:27 to 13:42:30 UTC, 1 of"
    )

"""A process that started anew, as its own clock says, and of whose end nobody saw more than that it was gone."""

from dataclasses import replace

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.started_anew import started_anew
from tests.agent_graph.cases import BEGAN, case

LOST = LogLine("E1", "ERROR lost connection to db", "ERROR lost connection to db", "error", BEGAN, 3, "shop")
OWN = replace(LOST, evidence="E2", text="mysqld: out of sort memory", speaker="")
KILLED = Sign("E3", "kubernetes", "oom", "strong", "OOMKilled", "db-0", BEGAN, "it was killed for memory")
CHANGED = LogLine("E4", "upgrade db: 8.4.3", "upgrade db: 8.4.3", None, BEGAN, 1)


def _clock(*values: float, name: str = "mysql_global_status_uptime") -> Metric:
    return Metric(
        "E5", "other", f"{name}: so it was", [(60.0 * n, value) for n, value in enumerate(values)], None, None
    )


# Its clock, what else was seen, how often it is said to have started
CLOCKS: dict[str, tuple[Metric, dict[str, object], str]] = {
    "twice": (_clock(9000, 9060, 20, 80, 140, 15), {}, "2 times"),
    "once": (_clock(9000, 9060, 20, 80, name="redis_uptime_in_seconds"), {}, "1 time "),
    "never": (_clock(9000, 9060, 9120), {}, ""),
    "it overflowed": (_clock(4294967000, 4294967200, 5800, name="sysUpTime"), {}, ""),
    "its statistics were flushed": (_clock(9000, 20, name="mysql_uptime_since_flush_status"), {}, ""),
    "its own log was read": (_clock(9000, 20, 80), {"lines": [LOST, OWN], "log_evidence": 2}, ""),
    "its platform says why": (_clock(9000, 20, 80), {"signs": [KILLED]}, ""),
    "it was changed": (_clock(9000, 20, 80), {"changes": [CHANGED]}, ""),
}


@pytest.mark.parametrize("name", CLOCKS)
def test_that_it_started_anew_is_no_answer_to_why(name: str):
    metric, more, often = CLOCKS[name]
    values = {"lines": [LOST], "log_evidence": 1, **more}
    told = started_anew(replace(Facts(case("db")), metrics=[metric], **values))
    assert (told is not None) == bool(often)
    assert often in (told or "")

"""Which codes a note says to be no failure: a source that has nothing, and none that is broken, nor a cry for help."""

from typing import Any

import pytest

from agent_graph.sources.kubernetes.meant_codes import read_meant_codes
from agent_graph.sources.signs import Book

# What is noted, and which codes are meant by it.
NOTED: dict[str, list[int]] = {
    "exit codes: 0=done, 3=nothing to do": [3],
    "exit 3 = remote directory empty (usual between batches)": [3],
    "exit codes: 0=done, 3=no new files, 4=upload failed, call on-call": [3],
    "exit 3 = nothing left to do": [3],
    "exit 3 = nothing to do, anything else is a failure": [3],
    "exit 3 = already processed": [3],
    "exit codes: 0=done, 4=no data from upstream, call on-call": [],
    "exit codes: 4 = input file missing or empty, wake up the import team": [],
    "exit 4 = disk has nothing left": [],
    "exit 4 = target table empty after import (data is gone)": [],
    "exit 4 = empty dump": [],
    "exit 4 - replica already diverged, resync by hand": [],
    "exit 4 - already running": [],
    "exit 4 = no input: the partner's feed is down": [],
    "exit 4 = no work: broker unavailable": [],
    "exit 4 = nothing to do; page the owner": [],
}


@pytest.mark.parametrize("noted", NOTED)
def test_a_code_is_noted_as_no_failure_only_where_nothing_is_broken(noted: str):
    assert _codes({"corp.example/doc": noted}) == NOTED[noted]


def test_what_a_tool_keeps_of_a_job_is_no_note():
    assert _codes({"kubectl.kubernetes.io/last-applied-configuration": "exit 3 = nothing to do"}) == []


def _codes(annotations: dict[str, str]) -> list[int]:
    book = Book()
    job: dict[str, Any] = {"kind": "CronJob", "metadata": {"name": "import", "annotations": annotations}}
    read_meant_codes(book, job)
    return [code for one in book.facts.get("meant_codes", []) for code in one["codes"]]

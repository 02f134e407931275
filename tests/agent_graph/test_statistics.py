"""Tables that are read over and over and were never analyzed are told; new, small and unknown ones are not."""

from typing import Any

import pytest

from agent_graph.sources.postgres.statistics import read_unanalyzed
from agent_graph.sources.signs import Book

_NEVER: dict[str, Any] = {"last_analyze": None, "last_autoanalyze": None}
_READ: dict[str, Any] = {"relname": "orders", "seq_scan": 400, "seq_tup_read": 400_000_000, "n_live_tup": 12}
_FINE = {"relname": "customers", "last_analyze": None, "last_autoanalyze": "2026-11-01T00:00:00Z"}
_LOADED: dict[str, Any] = {"relname": "shipments", "seq_scan": 3, "idx_scan": 90_000, "n_mod_since_analyze": 4_000_000}

# name: the tables, what is said of it
TABLES: dict[str, tuple[list[dict[str, Any]], str]] = {
    "every table": ([{**_READ, **_NEVER}, {**_READ, **_NEVER, "relname": "lines"}], "after an upgrade or a restore"),
    "one, after a load": ([{**_READ, **_NEVER}, _FINE], "orders was never analyzed, so"),
    "no count of what was read": ([{"relname": "o", "seq_scan": 90, "n_live_tup": 2_000_000, **_NEVER}], "o was never"),
    "analyzed by hand": ([{**_READ, "last_analyze": "2026-11-01T00:00:00Z", "last_autoanalyze": None}], ""),
    "a small one": ([{**_READ, **_NEVER, "seq_tup_read": 4000}], ""),
    "hardly read": ([{**_READ, **_NEVER, "seq_scan": 2}], ""),
    "a number beyond all measure": ([{**_READ, **_NEVER, "seq_tup_read": 10**400, "n_live_tup": 10**400}], ""),
    "a view that does not tell": ([_READ], ""),
    "loaded, and asked for now": ([{**_LOADED, **_NEVER}], "shipments was never analyzed"),
    "loaded, and nobody asks for it": ([{**_LOADED, **_NEVER, "relname": "archive"}], ""),
    "a few rows, asked for now": ([{**_LOADED, **_NEVER, "n_mod_since_analyze": 900}], ""),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_without_statistics_are_told(name: str):
    rows, said = TABLES[name]
    book = Book()
    read_unanalyzed(book, rows, lambda table: table == "shipments")
    assert bool(book.signs) == bool(said)
    assert said in "".join(sign["means"] for sign in book.signs)


def test_what_was_loaded_and_is_asked_for_can_be_analyzed():
    book = Book()
    read_unanalyzed(book, [{**_LOADED, **_NEVER}, {**_READ, **_NEVER}], lambda table: table == "shipments")
    assert book.facts["outdated_statistics"] == [{"table": "shipments", "schema": "public"}]

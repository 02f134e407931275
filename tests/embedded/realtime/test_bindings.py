"""What a client wants to hear of tables: which bindings are accepted, what they match, and what is sent."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest

from backend.embedded.realtime.bindings import BadBinding, Column, Table, check, numbered
from backend.embedded.realtime.pgoutput import Change, Kind
from backend.embedded.realtime.rows import MOST_BYTES, TOO_LARGE, payload

# Fixed: parallel workers must collect the same tests.
ID = "603db841-596b-4516-affb-c8ffe293e4d2"
AT = datetime(2026, 11, 20, 23, 51, 13, 86999, tzinfo=UTC)
TYPES = {"title": "text", "occurrences": "int4", "firing": "bool", "started_at": "timestamptz", "labels": "jsonb"}
INCIDENTS = Table(
    "public", "incidents", (Column("id", "uuid", is_key=True), *(Column(name, kind) for name, kind in TYPES.items()))
)
EVENTS = Table("public", "incident_events", (Column("id", "uuid", is_key=True), Column("status", "text")))
TABLES = {("public", table.name): table for table in (INCIDENTS, EVENTS)}
NEW: dict[str, str | None] = {
    "id": ID,
    "title": "disk full",
    "occurrences": "10",
    "firing": "t",
    "started_at": "2026-11-20 23:51:13.086+00",
    "labels": '{"k": [1]}',
}


def change(kind: Kind = "INSERT", table: str = "incidents", **values: str | None) -> Change:
    new = {} if kind == "DELETE" else {**NEW, **values}
    return Change(kind, "public", table, new, {} if kind == "INSERT" else {"id": ID}, AT)


def wanted(**members: Any) -> dict[str, Any]:
    return {"event": "*", "schema": "public", "table": "incidents", "id": 7, **members}


def test_every_binding_has_an_id_of_its_own_and_is_told_back_as_it_came() -> None:
    asked = [{"event": "*", "schema": "public", "table": "incidents"}] * 2
    told = numbered([*asked, "garbage"])
    assert [{name: one[name] for name in asked[0]} for one in told] == asked
    assert len({one["id"] for one in told}) == 2
    assert all(one["id"] > 0 for one in told)
    assert numbered("garbage") == []


@pytest.mark.parametrize(
    ("filter", "passes"),
    [
        ("title=eq.disk full", True),
        ("title=eq.disk", False),
        ("title=neq.disk", True),
        ("title=in.(a, disk full)", True),
        ("title=in.(a,b)", False),
        ("occurrences=gt.9", True),
        ("occurrences=gte.10", True),
        ("occurrences=lt.9", False),
        ("occurrences=lte.10", True),
        ("firing=eq.true", True),
        ("firing=neq.true", False),
        (f"id=eq.{ID.upper()}", True),
        ("started_at=gt.2026-11-20T23:51:13Z", True),
        ("started_at=gt.2026-11-21T00:51:14+01:00", False),
    ],
)
def test_filters_compare_by_the_type_of_the_column(filter: str, passes: bool) -> None:
    assert check(wanted(filter=filter), TABLES).matches(change()) is passes


@pytest.mark.parametrize("filter", ["title=eq.a", "title=neq.a", "title=in.(a)"])
def test_null_passes_no_filter(filter: str) -> None:
    assert not check(wanted(filter=filter), TABLES).matches(change(title=None))


def test_a_time_without_end_passes_no_filter() -> None:
    binding = check(wanted(filter="started_at=gt.2026-11-20T23:51:13Z"), TABLES)
    assert not binding.matches(change(started_at="infinity"))


@pytest.mark.parametrize(
    ("members", "kind", "table", "matches"),
    [
        ({"event": "INSERT"}, "INSERT", "incidents", True),
        ({"event": "INSERT"}, "UPDATE", "incidents", False),
        ({"event": "update"}, "UPDATE", "incidents", True),
        ({"event": "DELETE"}, "DELETE", "incidents", True),
        ({}, "INSERT", "incident_events", False),
        ({"table": "*"}, "INSERT", "incident_events", True),
        ({"table": None}, "INSERT", "incidents", True),
        # Of a deleted row only the key is known.
        ({"filter": f"id=eq.{ID}"}, "DELETE", "incidents", True),
        ({"filter": f"id=eq.{uuid4()}"}, "DELETE", "incidents", False),
        ({"filter": "title=eq.disk full"}, "DELETE", "incidents", False),
    ],
)
def test_events_and_tables_are_matched(members: dict[str, Any], kind: Kind, table: str, matches: bool) -> None:
    assert check(wanted(**members), TABLES).matches(change(kind, table)) is matches


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"table": "team_members"}, "Please check Realtime is enabled"),
        ({"schema": "auth", "table": "users"}, "Please check Realtime is enabled"),
        ({"event": "TRUNCATE"}, "Please check Realtime is enabled"),
        ({"filter": "title"}, "Error parsing `filter` params: title"),
        ({"filter": "title=like.a"}, "Error parsing"),
        ({"filter": "nope=eq.1"}, "invalid column for filter nope"),
        ({"table": "*", "filter": "title=eq.1"}, "invalid column for filter title"),
        ({"filter": "id=eq.2"}, "invalid input syntax for type uuid"),
        ({"filter": "occurrences=in.(1,x)"}, "invalid input syntax for type int4"),
        ({"filter": "firing=eq.perhaps"}, "invalid input syntax for type bool"),
        ({"filter": "started_at=gt.2026-11-20"}, "invalid input syntax for type timestamptz"),
        ({"filter": "title=in.a"}, "must be wrapped by parentheses"),
        ({"filter": f"title=in.({','.join('a' * 101)})"}, "too many values"),
        ({"select": ["title", "nope"]}, "invalid column for select nope"),
    ],
)
def test_what_cannot_be_heard_is_refused_with_a_reason(members: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadBinding, match=r"\S") as refused:
        check(wanted(**members), TABLES)
    assert sentence in str(refused.value)


def test_a_row_is_sent_as_typed_json_with_its_columns() -> None:
    sent = orjson.loads(payload(change("UPDATE"), INCIDENTS))
    assert sent == {
        "schema": "public",
        "table": "incidents",
        "commit_timestamp": "2026-11-20T23:51:13.086Z",
        "type": "UPDATE",
        "columns": [{"name": column.name, "type": column.type} for column in INCIDENTS.columns],
        "errors": None,
        "record": {
            "id": ID,
            "title": "disk full",
            "occurrences": 10,
            "firing": True,
            "started_at": "2026-11-20T23:51:13.086+00:00",
            "labels": {"k": [1]},
        },
        "old_record": {"id": ID},
    }


def test_an_insert_has_no_old_row_and_a_delete_no_new_one() -> None:
    inserted, deleted = (orjson.loads(payload(change(kind), INCIDENTS)) for kind in ("INSERT", "DELETE"))
    assert "old_record" not in inserted
    assert "record" not in deleted
    assert deleted["old_record"] == {"id": ID}


def test_selected_columns_come_with_the_key_and_unreadable_ones_never() -> None:
    sent = orjson.loads(payload(change(secret="s"), INCIDENTS, frozenset({"title"})))
    assert sent["record"] == {"id": ID, "title": "disk full"}
    assert "secret" not in orjson.loads(payload(change(secret="s"), INCIDENTS))["record"]


def test_of_a_row_that_is_too_large_the_small_values_are_sent() -> None:
    sent = orjson.loads(payload(change(title="x" * MOST_BYTES), INCIDENTS))
    assert sent["errors"] == [TOO_LARGE]
    assert "title" not in sent["record"]
    assert sent["record"]["id"] == ID

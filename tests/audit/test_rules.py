"""What is written down of a change, and what never is."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import SecretStr

from backend.audit.rules import changes, csv_cell, without_secrets


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"name": "am", "token": "ndi_1", "token_hash": b"x"}, {"name": "am"}),
        ({"headers": {"Authorization": "Bearer x"}, "url": "https://a"}, {"url": "https://a"}),
        ({"config": {"password": "p", "keyword": "ok"}}, {"config": {"keyword": "ok"}}),
        ({"value": SecretStr("s"), "raw": b"bytes"}, {"value": None, "raw": None}),
        ({"list": [{"api_key": "k", "n": 1}]}, {"list": [{"n": 1}]}),
        ({"url": "https://user:pw@example.org/x"}, {"url": "https://example.org/x"}),
        ({"token_prefix": "ndi_abc", "key_prefix": "ndk_1"}, {"token_prefix": "ndi_abc", "key_prefix": "ndk_1"}),
        ({"at": datetime(2026, 1, 2, tzinfo=UTC), "id": UUID(int=1)}, None),
        ({"text": "a\0b"}, {"text": "ab"}),
        (None, None),
    ],
)
def test_no_secret_is_written_down(value: object, kept: object):
    if kept is None and value is not None:
        kept = {"at": "2026-01-02T00:00:00+00:00", "id": str(UUID(int=1))}
    assert without_secrets(value) == kept


def test_nothing_is_written_without_end():
    deep: dict[str, object] = {}
    for _ in range(50):
        deep = {"a": deep}
    assert len(str(without_secrets(deep))) < 200
    assert len(without_secrets("x" * 5000)) == 1001
    assert len(without_secrets(list(range(1000)))) == 100


def test_only_what_differs():
    assert changes({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == ({"b": 2, "c": None}, {"b": 3, "c": 4})


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2", "'-2"),
        ("+1", "'+1"),
        ("\t=x", "'\t=x"),
        ("a=b", "a=b"),
        (None, ""),
        (5, "5"),
    ],
)
def test_no_cell_is_a_formula(value: object, cell: str):
    assert csv_cell(value) == cell

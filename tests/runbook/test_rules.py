"""What a hook may look like, and what it may be called with."""

from typing import Any

import pytest

from backend.runbook import rules

GOOD_URLS = ["http://127.0.0.1:8080/x", "https://hooks.example.org/restart?team=1", "http://[::1]:9/"]
BAD_URLS = [
    "ftp://example.org/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://",
    "//example.org/",
    "http://user:password@example.org/",
    "http://example.org/#part",
    "http://example.org:99999/",
    "http://exa mple.org/",
    "http://example.org/\r\nX: y",
    "http://[::1/",
    "http://example.org/" + "a" * 3000,
    "",
]


@pytest.mark.parametrize("url", GOOD_URLS)
def test_http_addresses_are_taken(url: str):
    assert rules.check_url(url) is None


@pytest.mark.parametrize("url", BAD_URLS)
def test_anything_else_is_not_an_address(url: str):
    assert rules.check_url(url) is not None


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "example.org"},
        {"content-length": "3"},
        {"Idempotency-Key": "mine"},
        {"X Y": "1"},
        {"X": "a\r\nY: b"},
        {"X": "ä"},
        {"X": "a" * 5000},
        {f"X-{i}": "1" for i in range(21)},
    ],
)
def test_headers_cannot_change_what_the_call_is(headers: dict[str, str]):
    wrong = rules.check_headers(headers)
    assert wrong is not None
    assert not any(value in wrong.text for value in headers.values() if len(value) > 3)


def test_ordinary_headers_are_taken():
    assert rules.check_headers({"Authorization": "Bearer abc", "X-Team": "ops"}) is None


GOOD_SCHEMAS: list[dict[str, Any]] = [
    {"type": "object", "properties": {}, "additionalProperties": False},
    {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]},
    {"type": "object", "$defs": {"n": {"type": "integer"}}, "properties": {"n": {"$ref": "#/$defs/n"}}},
    {"type": "object", "properties": {"$ref": {"type": "string"}, "$id": {"type": "string"}}},
]
BAD_SCHEMAS: list[dict[str, Any]] = [
    {},
    {"type": "array"},
    {"type": "object", "properties": {"n": {"type": "number!"}}},
    {"type": "object", "properties": {"n": {"$ref": "http://169.254.169.254/latest"}}},
    {"type": "object", "allOf": [{"$dynamicRef": "https://example.org/x"}]},
    {"type": "object", "$id": "http://example.org/schema"},
    {"type": "object", "$schema": "http://json-schema.org/draft-04/schema#"},
    {"type": "object", "allOf": [{"$ref": "#"}]},
    {"type": "object", "allOf": [{"$ref": "#/$defs/missing"}]},
    {"type": "object", "properties": {"a": {"pattern": "("}}},
    {"type": "object", "description": "x" * 20_000},
]


@pytest.mark.parametrize("schema", GOOD_SCHEMAS)
def test_complete_schemas_of_objects_are_taken(schema: dict[str, Any]):
    assert rules.check_schema(schema) is None


@pytest.mark.parametrize("schema", BAD_SCHEMAS)
def test_other_schemas_are_refused_and_nothing_is_fetched(schema: dict[str, Any]):
    assert rules.check_schema(schema) is not None


def test_arguments_must_fit_and_the_place_is_named():
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": False}
    assert rules.check_arguments(schema, {"n": 1}) is None
    wrong = rules.check_arguments(schema, {"n": "one"})
    assert wrong is not None
    assert wrong.text.startswith("n: ")
    assert rules.check_arguments(schema, {"other": 1}) is not None
    assert rules.check_arguments({"type": "object"}, {"n": "x" * 20_000}) is not None


def test_a_schema_without_end_refuses_its_arguments():
    schema = {"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}}
    assert rules.check_arguments(schema, {"a": 1}) is not None

"""Secrets that name the members of an object: hidden where it says that it holds tokens, and they look like it."""

import json

import pytest

from backend.redaction.redact import HIDDEN, redact

# Put together here, so that no scanner takes the tests for a leak.
HEX = "9f86d081884c7d65" * 4
UUID = "3fa85f64-5717-4562" + "-b3fc-2c963f66afa6"
MIXED = "aB3" * 9
OBJECTS = (
    {"tokens": {HEX: {"user": "bob"}, MIXED: {"last": {"at": 1}}}},
    {"accessTokens": {UUID: 1}},
    {"api_keys": {MIXED: "bob"}},
    {"tokens": {"tok_abc123" + "def456": 1}},
    {"tokens": {f"{n:064x}": n for n in range(200)}},
    {"clients": {"sk-" + "live-abc123def4": 1}},
)


@pytest.mark.parametrize("value", OBJECTS)
def test_a_name_that_is_a_token_is_hidden(value: dict[str, dict[str, object]]):
    secrets = [key for inner in value.values() for key in inner]
    for text in (json.dumps(value), json.dumps(value, indent=2), json.dumps(json.dumps(value)), repr(value)):
        hidden = redact("ok\n" + text)
        assert not any(secret in hidden for secret in secrets)
        assert HIDDEN in hidden
        assert redact(hidden) == hidden


INNOCENT = (
    {"tokens": {"prompt": 12, "claude-3-5-sonnet-20241022": 3, "Mixtral-8x7B-Instruct-v0": 2}},
    {"sessions": {UUID: {"state": "idle"}}, "keys": {HEX: 1}},
    {"usage": {"tokens": {"a": 1}, "layers": {HEX: 2}}},
    {"tokens": {"de": 12, "eu-central-1a": 7, "kubernetes.io/service-account-token": 1}},
)


@pytest.mark.parametrize("value", INNOCENT)
def test_other_names_are_left_alone(value: dict[str, object]):
    for text in (json.dumps(value), json.dumps(value, indent=2)):
        assert redact(text) == text


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", ['"tokens":{', '"tokens":{"a":{', '"tokens":{"a":{}', '"tokens":{"', f'{{"{HEX}":1}}']
)
def test_no_text_takes_long_to_read(piece: str):
    redact(piece * (2_000_000 // len(piece)) + '"tokens":{')

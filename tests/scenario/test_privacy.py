"""What an export leaves out wherever it stands: secrets that are no text of their own member, and what is none."""

from typing import Any

import pytest

from backend.scenario.privacy import hider, without

SECRET = "hunter2x"
HOLDS: dict[str, Any] = {
    "in a list": {"password": [SECRET]},
    "a number": {"token": 98765432},
    "a number beside its name": {"name": "DB_PASSWORD", "value": 98765432},
    "beside its key": {"key": "DB_PASSWORD", "value": SECRET},
    "deeper": {"DB_PASSWORD": {"value": [{"now": SECRET}]}},
    "after its flag": {"args": ["--port", "80", "--password", SECRET, "--verbose"]},
    "a number after its flag": [["--api-key", 98765432]],
    "a sentence after its flag": {"command": ["app", "--password", f"my {SECRET}"]},
    "somebody's name in its shape": {"credentials": {"Olivia Smith": SECRET}},
}
HARMLESS: dict[str, Any] = {
    "a reference": {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
    "a yes": {"automountServiceAccountToken": True, "token": None},
    "counts": {"tokens": 12345, "max_tokens": 4096, "args": ["--port", 80, "--token", "--verbose"]},
    "names": {"secretName": "web-tls", "imagePullSecrets": [{"name": "registry"}], "secret": {"name": "web"}},
}
HIDE = hider([], ["Olivia Smith"])


@pytest.mark.parametrize("where", HOLDS)
def test_a_secret_is_hidden_wherever_it_stands(where: str):
    told = without(HOLDS[where], HIDE)
    assert not any(secret in str(told) for secret in (SECRET, "98765432", "Olivia"))
    assert without(told, HIDE) == told


@pytest.mark.parametrize("what", HARMLESS)
def test_what_only_names_a_secret_stays(what: str):
    assert without(HARMLESS[what], HIDE) == HARMLESS[what]

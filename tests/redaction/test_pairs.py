"""Secrets told in two members, a name and a value: hidden in either order; measurements and neighbours stay."""

import json

import pytest

from backend.redaction.redact import HIDDEN, redact

# Put together here, so that no scanner takes the tests for a leak.
SECRET = "s3cr3t" + "-Horse-9"
MEMBERS = {"value": SECRET, "name": "DB_PASSWORD"}
PAIRS = {
    "JSON, value first": json.dumps([MEMBERS]),
    "JSON over lines, value first": json.dumps([MEMBERS], indent=2),
    "JSON in JSON, value first": json.dumps(json.dumps(MEMBERS)),
    "YAML, value first": f"env:\n- value: {SECRET}\n  name: API_TOKEN\n- name: MODE\n  value: fast",
    "log line, value first": f"level=warn msg=refused value={SECRET} name=password",
    "XML, value first": f'<add value="{SECRET}" key="DbPassword"/>',
    "Kubernetes": f"env:\n- name: DB_PASSWORD\n  value: {SECRET}\nimage: shop:1",
    "YAML, several words": f"- name: DB_PASSWORD\n  value: correct horse {SECRET}",
    "YAML, a block": f"- name: DB_PASSWORD\n  value: |\n    first line\n    {SECRET}\n- name: MODE",
    "after uneven times": f"2026-11-21T03:00:00.1Z - value: {SECRET}\n2026-11-21T03:00:00.12Z   name: API_TOKEN",
    "the name before, after times": f"2026-11-21T03:00:00Z - name: DB_PASSWORD\n2026-11-21T03:00:00Z   value: {SECRET}",
    "a member between": json.dumps({"name": "DB_PASSWORD", "slotSetting": False, "value": SECRET}),
    "parameter of a stack": json.dumps({"ParameterKey": "DbPassword", "ParameterValue": SECRET}),
    "Go": f"&EnvVar{{Name:DB_PASSWORD,Value:{SECRET},ValueFrom:nil,}}",
    "elements of XML": f"<name>dfs.password</name>\n  <value>{SECRET}</value>",
    "aligned": f"Name:   DB_PASSWORD\nValue:          {SECRET} 1",
    "a key that encrypts": json.dumps({"name": "ENCRYPTION_KEY", "value": SECRET}),
    "a password of digits": "- name: DB_PASSWORD\n  value: 9274" + "1358",
}


@pytest.mark.parametrize("name", PAIRS)
def test_the_value_of_a_pair_is_hidden_in_either_order(name: str):
    for before in ("", "x " * 3000 + "\n"):
        hidden = redact(before + PAIRS[name])
        assert SECRET not in hidden
        assert "92741358" not in hidden
        assert HIDDEN in hidden
        assert redact(hidden) == hidden


def test_json_remains_json():
    assert json.loads(redact(json.dumps([MEMBERS]))) == [{"value": HIDDEN, "name": "DB_PASSWORD"}]


NEIGHBOURS = {
    "of the item before": (
        f"- name: MODE\n  value: fast\n- name: DB_PASSWORD\n  value: {SECRET}",
        f"- name: MODE\n  value: fast\n- name: DB_PASSWORD\n  value: {HIDDEN}",
    ),
    "of the item before, in one line": (
        f"name=MODE value=fast name=DB_PASSWORD value={SECRET}",
        f"name=MODE value=fast name=DB_PASSWORD value={HIDDEN}",
    ),
    "after a block": (
        f"- name: DB_PASSWORD\n  value: |\n    {SECRET}\n- name: MODE\n  value: fast",
        f"- name: DB_PASSWORD\n  value: |\n    {HIDDEN}\n- name: MODE\n  value: fast",
    ),
}


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_the_values_of_the_neighbours_stay(name: str):
    text, expected = NEIGHBOURS[name]
    assert redact(text) == expected


INNOCENT = (
    "name: token-refresher value: 3",
    "name: token-refresher value: 300",
    "gauge name=token_bucket_fill value=0.75 unit=1",
    '{"name":"llm_token_count","value":12345}',
    '{"value":12345,"name":"llm_tokens_total"}',
    '{"value":812,"name":"prompt_token"}',
    "- name: MODE\n  value: fast\nname: session-token",
    "env:\n  - name: MODE\n    value: fast\n  name: db-password",
    "name=cache value=hit key=user_token",
    '[{"name":"MODE","value":"fast"},{"name":"DB_PASSWORD","valueFrom":{"secretKeyRef":{"key":"password"}}}]',
    "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: db\n      key: password",
    'invalid value "abc" for key "api_token"',
    "value: true\nname: token",
    "<name>dfs.replication</name><value>3</value>",
    "<name>dfs.delegation.token.max-lifetime</name><value>604800000</value>",
    "<name>dfs.block.access.token</name>\n  <value>true</value>",
    "<name>ssl.keystore.password</name><value>/etc/hadoop/keystore.pw</value>",
    "<name>http.authentication.secret.file</name><value>signature of the site</value>",
    "max-value=3 name=token",
)


@pytest.mark.parametrize("text", INNOCENT)
def test_what_only_looks_like_a_pair_is_left_alone(text: str):
    assert redact(text) == text


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["value:", "value=", 'value="a\\', "name=token ", "name: token\nvalue: |\n a\n"])
def test_no_text_takes_long_to_read(piece: str):
    """Were a bare word without an end, the first two would take minutes."""
    redact(piece * (2_000_000 // len(piece)) + " name key token value")

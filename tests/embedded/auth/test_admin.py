"""What the secret key may do, and who may not do it."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.embedded.auth.admin import until
from backend.embedded.auth.errors import ValidationFailed
from tests.embedded.auth.calls import administer, call, code_for, refused, secret_key, sign_in
from tests.embedded.conftest import Edge

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
USERS = "/admin/users"


@pytest.fixture(scope="module")
def key(edge: Edge) -> str:
    return secret_key(edge)


def test_only_the_secret_key_administers_users(edge: Edge, key: str) -> None:
    token = sign_in(edge, edge.person("ada@example.org").email)["access_token"]
    assert refused(call(edge, "GET", USERS)) == (401, "no_authorization")
    assert refused(call(edge, "GET", USERS, token=edge.key)) == (403, "not_admin")
    assert refused(call(edge, "GET", USERS, token=token)) == (403, "not_admin")
    assert refused(call(edge, "GET", USERS, token=key)) == (403, "not_admin")
    assert refused(call(edge, "GET", USERS, token=token, headers={"apikey": key})) == (403, "not_admin")
    assert administer(edge, key, "GET", USERS).status_code == 200


@pytest.mark.parametrize(
    "header", [{"user-agent": "Mozilla/5.0 (X11; Linux) Chrome/140"}, {"sec-fetch-site": "same-origin"}]
)
def test_a_browser_with_the_secret_key_is_sent_away(edge: Edge, key: str, header: dict[str, str]) -> None:
    answer = administer(edge, key, "GET", USERS, headers=header)
    assert (answer.status_code, answer.json()["message"]) == (401, "Forbidden use of secret API key in browser")


def test_a_replaced_secret_key_stops_working_at_once(edge: Edge, key: str) -> None:
    stored = edge.sql("select value from auth.edge_secrets where name = 'secret_key_sha256'")[0][0]
    newer = secret_key(edge)
    assert administer(edge, key, "GET", USERS).status_code == 401
    assert administer(edge, newer, "GET", USERS).status_code == 200
    edge.sql("update auth.edge_secrets set value = %s where name = 'secret_key_sha256'", stored)


def test_an_invited_person_chooses_a_password(edge: Edge, key: str) -> None:
    invited = administer(edge, key, "POST", "/invite", json={"email": "Bob@example.org", "data": {"name": "Bob"}})
    assert invited.json()["email"] == "bob@example.org"
    assert invited.json()["email_confirmed_at"] is None
    body = {"type": "invite", "email": "bob@example.org", "token": code_for(edge, "bob@example.org", "code_invite")}
    session = call(edge, "POST", "/verify", json=body).raise_for_status().json()
    assert session["user"]["user_metadata"]["name"] == "Bob"
    change = {"password": "chosen by Bob himself"}
    call(edge, "PUT", "/user", token=session["access_token"], json=change).raise_for_status()
    sign_in(edge, "bob@example.org", "chosen by Bob himself")
    again = administer(edge, key, "POST", "/invite", json={"email": "bob@example.org"})
    assert refused(again) == (422, "email_exists")


def test_a_banned_user_is_out_and_comes_back(edge: Edge, key: str) -> None:
    carol = edge.person("carol@example.org")
    session = sign_in(edge, carol.email)
    path = f"{USERS}/{carol.id}"
    assert administer(edge, key, "PUT", path, json={"ban_duration": "24h"}).json()["banned_until"]
    assert refused(call(edge, "GET", "/user", token=session["access_token"])) == (403, "session_not_found")
    body = {"email": carol.email, "password": "correct horse battery staple"}
    assert refused(call(edge, "POST", "/token?grant_type=password", json=body)) == (400, "user_banned")
    administer(edge, key, "PUT", path, json={"ban_duration": "none"}).raise_for_status()
    sign_in(edge, carol.email)


def test_a_deleted_user_is_gone(edge: Edge, key: str) -> None:
    for email, soft in (("dave@example.org", False), ("erin@example.org", True)):
        person = edge.person(email)
        token = sign_in(edge, email)["access_token"]
        deletion = {"should_soft_delete": soft}
        assert administer(edge, key, "DELETE", f"{USERS}/{person.id}", json=deletion).json() == {}
        assert refused(call(edge, "GET", "/user", token=token)) == (403, "session_not_found")
        assert refused(administer(edge, key, "GET", f"{USERS}/{person.id}")) == (404, "user_not_found")
        assert edge.sql("select 1 from auth.users where email = %s", email) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "validation_failed"),
        ({"email": "nonsense"}, "validation_failed"),
        ({"email": "frank@example.org", "password": "short"}, "weak_password"),
        ({"email": "frank@example.org", "ban_duration": "for ever"}, "validation_failed"),
        ({"email": "frank@example.org", "user_metadata": {"x": "y" * 20_000}}, "validation_failed"),
        ({"email": "frank@example.org", "user_metadata": {"x": "\0"}}, "validation_failed"),
    ],
)
def test_bad_input_makes_no_user(edge: Edge, key: str, body: dict[str, object], code: str) -> None:
    assert refused(administer(edge, key, "POST", USERS, json=body))[1] == code
    assert edge.sql("select 1 from auth.users where email = 'frank@example.org'") == []


@pytest.mark.parametrize(
    ("duration", "length"),
    [
        ("24h", timedelta(hours=24)),
        ("1h30m", timedelta(minutes=90)),
        ("300s", timedelta(minutes=5)),
        ("0s", timedelta()),
    ],
)
def test_durations_are_read_as_go_writes_them(duration: str, length: timedelta) -> None:
    assert until(duration, NOW) == NOW + length


@pytest.mark.parametrize("duration", ["", "24", "-1h", "1d", "h", "1h 30m"])
def test_other_durations_are_refused(duration: str) -> None:
    with pytest.raises(ValidationFailed):
        until(duration, NOW)

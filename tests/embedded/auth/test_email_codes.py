"""What goes through a mailbox: codes good once, for a while, for few guesses, and answers that tell nothing."""

from typing import Any

import httpx
import pytest

from tests.embedded.auth.calls import a_minute_later, call, code_for, letters, refused, sign_in, wait_for_letters
from tests.embedded.conftest import PASSWORD, Edge


def post(edge: Edge, path: str, **body: Any) -> httpx.Response:
    return call(edge, "POST", path, json=body)


def verify(edge: Edge, email: str, code: str, kind: str = "recovery") -> httpx.Response:
    return post(edge, "/verify", type=kind, email=email, token=code)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08d}"


def test_a_forgotten_password_is_replaced_by_the_code_of_a_mail(edge: Edge) -> None:
    ada = edge.person("ada@example.org")
    assert post(edge, "/recover", email=" Ada@Example.org ").json() == {}
    session = verify(edge, ada.email, code_for(edge, ada.email, "code_recovery")).raise_for_status().json()
    call(edge, "PUT", "/user", token=session["access_token"], json={"password": "a new one, longer"}).raise_for_status()
    sign_in(edge, ada.email, "a new one, longer")


@pytest.mark.parametrize("path", ["/recover", "/otp", "/resend"])
def test_a_stranger_learns_nothing_about_who_has_an_account(edge: Edge, path: str) -> None:
    email = f"bob{path[1:]}@example.org"
    edge.person(email)
    known, unknown = post(edge, path, email=email), post(edge, path, email=f"not-{email}")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (200, b"{}")
    assert letters(edge, f"not-{email}") == []
    assert refused(verify(edge, email, "12345678")) == refused(verify(edge, f"not-{email}", "12345678"))


def test_a_code_is_good_once(edge: Edge) -> None:
    carol = edge.person("carol@example.org")
    post(edge, "/otp", email=carol.email)
    code = code_for(edge, carol.email, "code_magiclink")
    assert verify(edge, carol.email, code, "email").status_code == 200
    assert refused(verify(edge, carol.email, code, "email")) == (403, "otp_expired")


def test_a_code_is_for_one_purpose_and_one_address(edge: Edge) -> None:
    dave, erin = edge.person("dave@example.org"), edge.person("erin@example.org")
    for person in (dave, erin):
        post(edge, "/recover", email=person.email)
    code = code_for(edge, dave.email, "code_recovery")
    assert refused(verify(edge, dave.email, code, "magiclink")) == (403, "otp_expired")
    assert refused(verify(edge, erin.email, code)) == (403, "otp_expired")
    assert verify(edge, dave.email, code).status_code == 200


def test_a_code_is_guessed_five_times_at_most(edge: Edge) -> None:
    frank = edge.person("frank@example.org")
    post(edge, "/recover", email=frank.email)
    code = code_for(edge, frank.email, "code_recovery")
    for _ in range(5):
        assert refused(verify(edge, frank.email, wrong(code))) == (403, "otp_expired")
    assert refused(verify(edge, frank.email, code)) == (403, "otp_expired")


def test_a_code_is_good_for_ten_minutes_and_replaced_by_the_next(edge: Edge) -> None:
    grace = edge.person("grace@example.org")
    post(edge, "/recover", email=grace.email)
    first = code_for(edge, grace.email, "code_recovery")
    post(edge, "/recover", email=grace.email)
    a_minute_later(edge, grace.email)
    post(edge, "/recover", email=grace.email)
    wait_for_letters(edge, grace.email, 2)
    second = code_for(edge, grace.email, "code_recovery")
    assert refused(verify(edge, grace.email, first)) == (403, "otp_expired")
    edge.sql("update auth.email_codes set expires_at = now() where email = %s", grace.email)
    assert refused(verify(edge, grace.email, second)) == (403, "otp_expired")


def test_no_code_is_stored(edge: Edge) -> None:
    heidi = edge.person("heidi@example.org")
    post(edge, "/recover", email=heidi.email)
    code = code_for(edge, heidi.email, "code_recovery")
    assert code not in str(edge.sql("select c::text from auth.email_codes c where email = %s", heidi.email))


def test_a_new_address_counts_once_its_code_came_back(edge: Edge) -> None:
    ivan = edge.person("ivan@example.org")
    token = sign_in(edge, ivan.email)["access_token"]
    changed = call(edge, "PUT", "/user", token=token, json={"email": "Ivan@New.example"}).raise_for_status().json()
    assert (changed["email"], changed["new_email"]) == ("ivan@example.org", "ivan@new.example")
    sign_in(edge, ivan.email)
    code = code_for(edge, "ivan@new.example", "code_email_change")
    session = verify(edge, "ivan@new.example", code, "email_change").raise_for_status().json()
    assert session["user"]["email"] == "ivan@new.example"
    assert [template for template, _ in letters(edge, ivan.email)] == ["address_changed"]
    sign_in(edge, "ivan@new.example")


def test_an_address_that_is_taken_cannot_be_changed_to(edge: Edge) -> None:
    judy, kim = edge.person("judy@example.org"), edge.person("kim@example.org")
    token = sign_in(edge, judy.email)["access_token"]
    assert refused(call(edge, "PUT", "/user", token=token, json={"email": kim.email})) == (422, "email_exists")


def test_an_old_sign_in_has_to_prove_itself_before_it_changes_the_password(edge: Edge) -> None:
    leo = edge.person("leo@example.org")
    token = sign_in(edge, leo.email)["access_token"]
    edge.sql("update auth.sessions set created_at = now() - interval '25 h' where user_id = %s", leo.id)

    def change(**body: str) -> httpx.Response:
        return call(edge, "PUT", "/user", token=token, json={"password": "another long one", **body})

    assert refused(change()) == (400, "reauthentication_needed")
    assert refused(change(current_password="wrong")) == (400, "invalid_credentials")
    assert call(edge, "GET", "/reauthenticate", token=token).json() == {}
    assert refused(change(nonce="00000000")) == (422, "reauthentication_not_valid")
    assert change(nonce=code_for(edge, leo.email, "code_reauthentication")).status_code == 200
    edge.sql("update auth.sessions set created_at = now() - interval '25 h' where user_id = %s", leo.id)
    body = {"password": PASSWORD, "current_password": "another long one"}
    assert call(edge, "PUT", "/user", token=token, json=body).status_code == 200
    data = {"data": {"name": "Leo"}}
    assert call(edge, "PUT", "/user", token=token, json=data).status_code == 200


@pytest.mark.parametrize(
    "email",
    [
        "аda@example.org",
        "ada@exаmple.org",
        "ada@example。org",
        "ada@example.org\u200b",
        "ada@@example.org",
        "a da@example.org",
        "ada",
        "a" * 250 + "@example.org",
    ],
)
def test_an_address_that_looks_like_another_is_refused(edge: Edge, email: str) -> None:
    for path, body in (("/recover", {}), ("/otp", {}), ("/verify", {"type": "recovery", "token": "12345678"})):
        assert refused(post(edge, path, email=email, **body)) == (400, "validation_failed")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "recovery"},
        {"type": "nonsense", "email": "ada@example.org", "token": "12345678"},
        {"type": "recovery", "email": "ada@example.org", "token_hash": "x"},
        {"type": "recovery", "email": "ada@example.org", "token": 12345678},
    ],
)
def test_a_broken_confirmation_is_refused_by_name(edge: Edge, body: dict[str, Any]) -> None:
    assert refused(post(edge, "/verify", **body)) == (400, "validation_failed")

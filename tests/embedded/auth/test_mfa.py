"""The second factor: what is taken, what is refused, and what becomes of the other sessions."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pyotp
import pytest

from tests.embedded.auth.calls import call, refresh, refused, sign_in
from tests.embedded.conftest import Edge


@dataclass
class Phone:
    """Somebody's session and authenticator app."""

    edge: Edge
    email: str
    session: dict[str, Any]
    factor: str
    secret: str

    @property
    def token(self) -> str:
        return self.session["access_token"]

    def code(self, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(datetime.now(UTC) + steps * timedelta(seconds=30))

    def challenge(self, token: str | None = None) -> str:
        answer = call(self.edge, "POST", f"/factors/{self.factor}/challenge", token=token or self.token, json={})
        return answer.raise_for_status().json()["id"]

    def verify(self, code: str, challenge: str | None = None, token: str | None = None) -> httpx.Response:
        body = {"challenge_id": challenge or self.challenge(token), "code": code}
        return call(self.edge, "POST", f"/factors/{self.factor}/verify", token=token or self.token, json=body)


def enrol(edge: Edge, token: str, name: str = "phone") -> httpx.Response:
    return call(edge, "POST", "/factors", token=token, json={"factor_type": "totp", "friendly_name": name})


def phone_of(edge: Edge, email: str) -> Phone:
    """An enrolled app that has not been verified yet."""
    edge.person(email)
    session = sign_in(edge, email)
    factor = enrol(edge, session["access_token"]).raise_for_status().json()
    return Phone(edge, email, session, factor["id"], factor["totp"]["secret"])


def secured(edge: Edge, email: str) -> Phone:
    """A person at aal2, whose code of the previous step is used up."""
    phone = phone_of(edge, email)
    phone.session = phone.verify(phone.code(-1)).raise_for_status().json()
    return phone


def level(session: dict[str, Any]) -> str:
    return jwt.decode(session["access_token"], options={"verify_signature": False})["aal"]


def test_a_code_raises_the_session_and_ends_those_below(edge: Edge) -> None:
    phone = phone_of(edge, "ada@example.org")
    other = sign_in(edge, phone.email)
    raised = phone.verify(phone.code()).raise_for_status().json()
    claims = jwt.decode(raised["access_token"], options={"verify_signature": False})
    assert claims["aal"] == "aal2"
    assert [entry["method"] for entry in claims["amr"]] == ["totp", "password"]
    assert refused(call(edge, "GET", "/user", token=other["access_token"])) == (403, "session_not_found")
    assert level(refresh(edge, raised["refresh_token"]).json()) == "aal2"


def test_a_tab_that_refreshes_while_another_verifies_stays_signed_in(edge: Edge) -> None:
    phone = phone_of(edge, "bob@example.org")
    raised = phone.verify(phone.code()).raise_for_status().json()
    assert refresh(edge, phone.session["refresh_token"]).json()["refresh_token"] == raised["refresh_token"]


def test_a_code_is_good_once_also_for_another_challenge(edge: Edge) -> None:
    phone = phone_of(edge, "carol@example.org")
    code = phone.code()
    phone.session = phone.verify(code).raise_for_status().json()
    assert refused(phone.verify(code)) == (422, "mfa_verification_failed")
    assert refused(phone.verify(phone.code(-1))) == (422, "mfa_verification_failed")


def test_a_challenge_is_good_once_for_five_minutes_and_five_guesses(edge: Edge) -> None:
    phone = secured(edge, "dave@example.org")
    used = phone.challenge()
    phone.session = phone.verify(phone.code(), used).raise_for_status().json()
    assert refused(phone.verify(phone.code(1), used)) == (422, "mfa_challenge_expired")
    old = phone.challenge()
    edge.sql("update auth.mfa_challenges set created_at = now() - interval '301 s' where id = %s", old)
    assert refused(phone.verify(phone.code(1), old)) == (422, "mfa_challenge_expired")
    guessed = phone.challenge()
    edge.sql("update auth.mfa_challenges set attempts = 4 where id = %s", guessed)
    assert refused(phone.verify("000000", guessed)) == (422, "mfa_verification_failed")
    assert refused(phone.verify(phone.code(1), guessed)) == (422, "mfa_challenge_expired")


def test_a_challenge_belongs_to_its_factor_and_address(edge: Edge) -> None:
    phone, other = secured(edge, "erin@example.org"), secured(edge, "frank@example.org")
    assert refused(phone.verify(phone.code(), other.challenge())) == (422, "mfa_factor_not_found")
    moved = phone.challenge()
    edge.sql("update auth.mfa_challenges set ip_address = '198.51.100.9' where id = %s", moved)
    assert refused(phone.verify(phone.code(), moved)) == (422, "mfa_ip_address_mismatch")
    foreign = call(edge, "POST", f"/factors/{other.factor}/challenge", token=phone.token, json={})
    assert refused(foreign) == (404, "mfa_factor_not_found")


def test_a_verified_factor_is_needed_to_add_or_remove_one(edge: Edge) -> None:
    phone = secured(edge, "grace@example.org")
    weak = sign_in(edge, phone.email)["access_token"]
    assert refused(enrol(edge, weak, "second")) == (422, "insufficient_aal")
    assert refused(call(edge, "DELETE", f"/factors/{phone.factor}", token=weak)) == (422, "insufficient_aal")
    assert refused(call(edge, "PUT", "/user", token=weak, json={"password": "another long one"})) == (
        401,
        "insufficient_aal",
    )
    assert refused(call(edge, "POST", "/factors/recovery-codes", token=weak)) == (422, "insufficient_aal")
    gone = call(edge, "DELETE", f"/factors/{phone.factor}", token=phone.token)
    assert gone.json() == {"id": phone.factor}
    assert level(refresh(edge, phone.session["refresh_token"]).json()) == "aal1"
    assert call(edge, "GET", "/user", token=phone.token).json()["factors"] == []


def test_names_and_numbers_of_factors_are_limited(edge: Edge) -> None:
    phone = phone_of(edge, "heidi@example.org")
    assert refused(enrol(edge, phone.token)) == (422, "mfa_factor_name_conflict")
    for number in range(9):
        enrol(edge, phone.token, f"phone {number}").raise_for_status()
    assert refused(enrol(edge, phone.token, "one more")) == (422, "too_many_enrolled_mfa_factors")
    phone.session = phone.verify(phone.code()).raise_for_status().json()
    (only,) = call(edge, "GET", "/user", token=phone.token).json()["factors"]
    assert (only["id"], only["status"]) == (phone.factor, "verified")
    assert "secret" not in only
    body = {"factor_type": "phone", "phone": "+491234567"}
    assert refused(call(edge, "POST", "/factors", token=phone.token, json=body)) == (
        422,
        "mfa_phone_enroll_not_enabled",
    )


def test_secrets_and_recovery_codes_cannot_be_read_in_the_database(edge: Edge) -> None:
    phone = secured(edge, "ivan@example.org")
    codes = call(edge, "POST", "/factors/recovery-codes", token=phone.token).json()["codes"]
    stored = str(
        edge.sql("select secret from auth.mfa_factors") + edge.sql("select code_hash from auth.recovery_codes")
    )
    assert phone.secret not in stored
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


@pytest.mark.parametrize("spelling", ["plain", "lower", "spaced"])
def test_a_recovery_code_lets_its_owner_enrol_a_new_phone(edge: Edge, spelling: str) -> None:
    phone = secured(edge, f"judy-{spelling}@example.org")
    codes = call(edge, "POST", "/factors/recovery-codes", token=phone.token).json()["codes"]
    assert len(set(codes)) == 10
    assert call(edge, "GET", "/factors/recovery-codes", token=phone.token).json() == {"remaining": 10}
    weak = sign_in(edge, phone.email)
    given = {"plain": codes[3], "lower": codes[3].lower(), "spaced": codes[3].replace("-", " ")}[spelling]
    back = phone.verify(given, token=weak["access_token"]).raise_for_status().json()
    assert level(back) == "aal1"
    assert back["user"]["factors"] == []
    assert refused(call(edge, "GET", "/user", token=phone.token)) == (403, "session_not_found")
    assert edge.sql("select 1 from auth.recovery_codes where user_id = %s", back["user"]["id"]) == []
    enrol(edge, back["access_token"], "new phone").raise_for_status()


def test_a_recovery_code_is_good_once_and_only_for_its_owner(edge: Edge) -> None:
    phone, thief = secured(edge, "kim@example.org"), secured(edge, "mallory@example.org")
    codes = call(edge, "POST", "/factors/recovery-codes", token=phone.token).json()["codes"]
    assert refused(thief.verify(codes[0])) == (422, "mfa_verification_failed")
    newer = call(edge, "POST", "/factors/recovery-codes", token=phone.token).json()["codes"]
    assert refused(phone.verify(codes[0])) == (422, "mfa_verification_failed")
    phone.verify(newer[0]).raise_for_status()


@pytest.mark.parametrize("body", [{}, {"code": "123456"}, {"challenge_id": "x", "code": "123456"}, {"code": 123456}])
def test_a_broken_answer_is_refused_by_name(edge: Edge, body: dict[str, Any]) -> None:
    email = f"n{abs(hash(str(body)))}@example.org"
    phone = phone_of(edge, email)
    answer = call(edge, "POST", f"/factors/{phone.factor}/verify", token=phone.token, json=body)
    assert refused(answer) == (400, "validation_failed")

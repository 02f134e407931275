"""The unmodified supabase-py signs in, stays in and signs out against the embedded edge."""

import pytest
from supabase_auth.errors import AuthApiError, AuthWeakPasswordError

from tests.embedded.conftest import PASSWORD, Connect, Edge


async def test_a_person_signs_in_and_is_who_they_are(edge: Edge, supabase: Connect) -> None:
    alice = edge.person("alice@example.org")
    client = await supabase()
    answer = await client.auth.sign_in_with_password({"email": " Alice@Example.org ", "password": PASSWORD})
    assert answer.user is not None
    assert answer.session is not None
    assert answer.user.id == str(alice.id)
    user = await client.auth.get_user()
    assert user is not None
    assert user.user.email == "alice@example.org"


async def test_a_wrong_password_and_an_unknown_address_are_answered_alike(edge: Edge, supabase: Connect) -> None:
    edge.person("bob@example.org")
    for email in ("bob@example.org", "nobody@example.org"):
        client = await supabase()
        with pytest.raises(AuthApiError) as refused:
            await client.auth.sign_in_with_password({"email": email, "password": "wrong"})
        assert (refused.value.status, refused.value.code) == (400, "invalid_credentials")
        assert refused.value.message == "Invalid login credentials"


async def test_claims_are_verified_with_the_published_keys(edge: Edge, supabase: Connect) -> None:
    carol = edge.person("carol@example.org")
    client = await supabase()
    await client.auth.sign_in_with_password({"email": carol.email, "password": PASSWORD})
    answer = await client.auth.get_claims()
    assert answer is not None
    claims = answer["claims"]
    assert (claims["sub"], claims["role"], claims["aal"]) == (str(carol.id), "authenticated", "aal1")
    assert claims["iss"] == f"{edge.url}/auth/v1"
    assert answer["headers"]["alg"] == "ES256"


async def test_a_refreshed_session_is_the_same_sign_in(edge: Edge, supabase: Connect) -> None:
    dave = edge.person("dave@example.org")
    client = await supabase()
    first = await client.auth.sign_in_with_password({"email": dave.email, "password": PASSWORD})
    second = await client.auth.refresh_session()
    assert first.session is not None
    assert second.session is not None
    assert first.session.refresh_token != second.session.refresh_token
    assert edge.sql("select count(*) from auth.sessions where user_id = %s", dave.id) == [(1,)]


async def test_signing_out_ends_the_session_at_once(edge: Edge, supabase: Connect) -> None:
    erin = edge.person("erin@example.org")
    client, other = await supabase(), await supabase()
    session = (await client.auth.sign_in_with_password({"email": erin.email, "password": PASSWORD})).session
    await other.auth.sign_in_with_password({"email": erin.email, "password": PASSWORD})
    assert session is not None
    await client.auth.sign_out({"scope": "local"})
    with pytest.raises(AuthApiError) as refused:
        await other.auth.get_user(session.access_token)
    assert (refused.value.status, refused.value.code) == (403, "session_not_found")
    assert await other.auth.get_user() is not None


async def test_signing_out_others_keeps_this_session(edge: Edge, supabase: Connect) -> None:
    frank = edge.person("frank@example.org")
    clients = [await supabase() for _ in range(3)]
    for client in clients:
        await client.auth.sign_in_with_password({"email": frank.email, "password": PASSWORD})
    await clients[0].auth.sign_out({"scope": "others"})
    assert await clients[0].auth.get_user() is not None
    for client in clients[1:]:
        with pytest.raises(AuthApiError):
            await client.auth.get_user()


async def test_a_new_password_replaces_the_old_one_and_ends_other_sessions(edge: Edge, supabase: Connect) -> None:
    grace = edge.person("grace@example.org")
    client, other = await supabase(), await supabase()
    for each in (client, other):
        await each.auth.sign_in_with_password({"email": grace.email, "password": PASSWORD})
    await client.auth.update_user({"password": "a new and better one", "data": {"name": "Grace"}})
    user = await client.auth.get_user()
    assert user is not None
    assert user.user.user_metadata["name"] == "Grace"
    with pytest.raises(AuthApiError):
        await other.auth.get_user()
    with pytest.raises(AuthApiError):
        await other.auth.sign_in_with_password({"email": grace.email, "password": PASSWORD})
    await other.auth.sign_in_with_password({"email": grace.email, "password": "a new and better one"})


async def test_a_weak_password_is_refused_with_reasons(edge: Edge, supabase: Connect) -> None:
    heidi = edge.person("heidi@example.org")
    client = await supabase()
    await client.auth.sign_in_with_password({"email": heidi.email, "password": PASSWORD})
    for weak in ("short", "x" * 73):
        with pytest.raises(AuthWeakPasswordError) as refused:
            await client.auth.update_user({"password": weak})
        assert refused.value.reasons == ["length"]


async def test_nobody_signs_up(supabase: Connect) -> None:
    client = await supabase()
    with pytest.raises(AuthApiError) as refused:
        await client.auth.sign_up({"email": "mallory@example.org", "password": PASSWORD})
    assert (refused.value.status, refused.value.code) == (422, "signup_disabled")

"""The unmodified supabase-js signs in, stays in and signs out against the embedded edge."""

from collections.abc import Awaitable, Callable

from tests.embedded.conftest import Edge, Story

Start = Callable[..., Awaitable[Story]]


async def test_the_life_of_a_session(edge: Edge, supabase_js: Start) -> None:
    ada = edge.person("ada@example.org")
    story = await supabase_js("auth", email=ada.email)
    assert await story.line() == {
        "wrong": {"status": 400, "code": "invalid_credentials", "message": "Invalid login credentials"}
    }
    assert await story.line() == {"id": str(ada.id), "email": ada.email, "type": "bearer"}
    assert await story.line() == {"rotated": True}
    assert await story.line() == {"alg": "ES256", "sub": str(ada.id), "error": None}
    assert await story.line() == {"user": ada.email}
    assert await story.line() == {"name": "Ada"}
    assert await story.line() == {"weak": {"name": "AuthWeakPasswordError", "reasons": ["length"]}}
    assert await story.line() == {"aal": "aal1"}
    assert await story.line() == {"out": None}
    assert await story.line() == {"after": "AuthSessionMissingError"}

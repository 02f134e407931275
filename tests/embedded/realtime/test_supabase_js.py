"""The unmodified supabase-js, as the browser runs it, joins channels of the embedded edge."""

from collections.abc import Awaitable, Callable

from tests.embedded.conftest import Edge, Story

Start = Callable[..., Awaitable[Story]]


async def test_a_committed_change_reaches_the_browser(edge: Edge, supabase_js: Start) -> None:
    ada = edge.person("ada@example.org")
    story = await supabase_js("listen", email=ada.email, channel=ada.channel)
    assert await story.line() == {"state": "SUBSCRIBED", "error": None}
    edge.hint(ada, table="actions", op="INSERT", id="7")
    message = await story.line()
    assert (message["event"], message["payload"]) == ("change", {"table": "actions", "op": "INSERT", "id": "7"})


async def test_the_channel_of_another_team_is_refused(edge: Edge, supabase_js: Start) -> None:
    bob, mallory = edge.person("bob@example.org"), edge.person("mallory@example.org", "others")
    story = await supabase_js("listen", email=mallory.email, channel=bob.channel)
    answer = await story.line()
    assert answer["state"] == "CHANNEL_ERROR"
    assert "Unauthorized: You do not have permissions to read from this Channel topic" in answer["error"]


async def test_broadcast_and_presence_between_browsers(edge: Edge, supabase_js: Start) -> None:
    carol, dave = edge.person("carol@example.org"), edge.person("dave@example.org")
    story = await supabase_js("room", email=carol.email, other=dave.email)
    assert await story.line() == {"sent": "ok"}
    assert await story.line() == {"heard": {"hello": "wörld"}, "echoed": {"hello": "wörld"}}
    assert await story.line() == {"tracked": "ok"}
    assert await story.line() == {"here": ["ada"]}
    assert await story.line() == {"http": True}
    assert await story.line() == {"left": "ok"}


async def test_asking_for_table_changes_joins_and_is_told_that_there_are_none(edge: Edge, supabase_js: Start) -> None:
    erin = edge.person("erin@example.org")
    story = await supabase_js("changes", email=erin.email)
    assert await story.line() == {"state": "SUBSCRIBED", "error": None}
    told = await story.line()
    assert (told["extension"], told["status"], told["channel"]) == ("postgres_changes", "error", "tables")

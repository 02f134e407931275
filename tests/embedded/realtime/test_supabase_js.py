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


async def test_rows_reach_the_browser_when_their_policies_let_it_see_them(edge: Edge, supabase_js: Start) -> None:
    erin, mallory = edge.person("erin@example.org"), edge.person("mallory2@example.org", "strangers")
    member, stranger = [await supabase_js("changes", email=person.email) for person in (erin, mallory)]
    for story in (member, stranger):
        assert await story.line() == {"state": "SUBSCRIBED", "error": None}
        told = await story.line()
        assert (told["extension"], told["status"], told["channel"]) == ("postgres_changes", "ok", "tables")
    incident = edge.incident(erin, "disk full", "low")
    theirs = edge.incident(mallory, "none of your business", "high")
    heard = [await member.line(), await member.line()]
    assert {"filtered": "disk full"} in heard
    (inserted,) = [line for line in heard if "filtered" not in line]
    assert (inserted["eventType"], inserted["table"], inserted["errors"]) == ("INSERT", "incidents", None)
    assert (inserted["new"]["id"], inserted["new"]["firing"], inserted["old"]) == (str(incident), True, {})
    assert (await stranger.line())["new"]["id"] == str(theirs)
    edge.sql("update incidents set labels = '{\"k\": [1]}' where id = any(%s)", [incident, theirs])
    updated = await member.line()
    assert (updated["eventType"], updated["new"]["labels"]) == ("UPDATE", {"k": [1]})
    assert (updated["new"]["id"], updated["old"]) == (str(incident), {"id": str(incident)})
    assert (await stranger.line())["new"]["id"] == str(theirs)


async def test_a_filter_that_makes_no_sense_is_told_and_the_channel_stays(edge: Edge, supabase_js: Start) -> None:
    frank = edge.person("frank@example.org")
    story = await supabase_js("changes", email=frank.email, filter="id=eq.2")
    assert await story.line() == {"state": "SUBSCRIBED", "error": None}
    told = await story.line()
    assert (told["extension"], told["status"], told["channel"]) == ("postgres_changes", "error", "tables")
    assert "invalid input syntax for type uuid" in told["message"]

"""Rooms and limits: who hears what, and what one client may cost."""

from datetime import UTC, datetime

from backend.embedded.realtime.hub import TOO_SLOW, Channel, Hub, Socket
from backend.embedded.realtime.limits import Limits, Rate
from backend.embedded.realtime.policy import EVERYTHING, NOTHING, Access, Identity
from backend.embedded.realtime.presence import Presence
from backend.embedded.realtime.protocol import broadcast

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def joined(hub: Hub, name: str, *, private: bool = True, access: Access = EVERYTHING, echo: bool = False) -> Channel:
    socket = Socket("2.0.0", Identity("anon"), Limits(), 0)
    hub.sockets.add(socket)
    channel = Channel(socket, name, private, "1", socket.identity, access, NOW, echo=echo, presence_enabled=True)
    hub.enter(channel)
    return channel


def heard(channel: Channel) -> list[str]:
    return [str(frame) for frame in channel.socket.waiting]


def test_private_and_public_channels_of_one_name_never_meet() -> None:
    hub = Hub()
    private, public = joined(hub, "team:1"), joined(hub, "team:1", private=False)
    hub.deliver("team:1", True, "change", "{}", "m")
    hub.publish("team:1", False, broadcast("realtime:team:1", "fake", {}))
    assert ["change" in frame for frame in heard(private)] == [True]
    assert ["fake" in frame for frame in heard(public)] == [True]


def test_only_those_who_may_read_hear_and_the_sender_only_when_it_asked() -> None:
    hub = Hub()
    sender, echoing = joined(hub, "room"), joined(hub, "room", echo=True)
    deaf = joined(hub, "room", access=NOTHING)
    for channel in (sender, echoing):
        hub.publish("room", True, broadcast("realtime:room", "wave", {}), channel)
    assert [len(heard(channel)) for channel in (sender, echoing, deaf)] == [1, 2, 0]


def test_a_client_that_does_not_read_is_dropped_and_nobody_else() -> None:
    hub = Hub()
    slow, fast = joined(hub, "room"), joined(hub, "room")
    for number in range(Limits().queued_messages + 1):
        hub.deliver("room", True, "change", str(number), str(number))
        fast.socket.take()
    assert slow.socket.done.is_set()
    assert slow.socket.close_code == TOO_SLOW
    assert not fast.socket.done.is_set()


def test_after_the_feed_was_away_everybody_joins_again() -> None:
    hub = Hub()
    channel = joined(hub, "room")
    hub.feed_lost()
    assert not hub.feed_is_live
    hub.feed_found()
    assert hub.feed_is_live
    assert "phx_error" in heard(channel)[0]
    assert hub.channels() == []


def test_joining_again_replaces_the_earlier_channel() -> None:
    hub = Hub()
    first = joined(hub, "room")
    again = Channel(first.socket, "room", True, "2", first.identity, EVERYTHING, NOW)
    hub.enter(again)
    hub.deliver("room", True, "change", "{}", "m")
    assert hub.channels() == [again]
    assert len(heard(again)) == 1


def test_presence_tells_the_difference() -> None:
    presence = Presence()
    assert presence.track(1, "ada", {"phx_ref": "a"}) == {"joins": {"ada": {"metas": [{"phx_ref": "a"}]}}, "leaves": {}}
    assert presence.track(1, "ada", {"phx_ref": "b"}) == {
        "joins": {"ada": {"metas": [{"phx_ref": "b"}]}},
        "leaves": {"ada": {"metas": [{"phx_ref": "a"}]}},
    }
    presence.track(2, "ada", {"phx_ref": "c"})
    assert presence.state() == {"ada": {"metas": [{"phx_ref": "b"}, {"phx_ref": "c"}]}}
    assert presence.untrack(3) is None
    assert presence.untrack(1) == {"joins": {}, "leaves": {"ada": {"metas": [{"phx_ref": "b"}]}}}


def test_whoever_leaves_is_seen_to_leave() -> None:
    hub = Hub()
    ada, bob = joined(hub, "room"), joined(hub, "room")
    hub.track(ada, {"name": "Ada"})
    hub.remove(ada.socket)
    assert "leaves" in heard(bob)[-1]
    assert hub.channels() == [bob]


def test_a_rate_allows_a_burst_and_then_its_pace() -> None:
    rate = Rate(per_second=2, burst=3)
    assert [rate.take(100.0) for _ in range(4)] == [True, True, True, False]
    assert [rate.take(100.5), rate.take(100.5)] == [True, False]

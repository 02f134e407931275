"""What was found to hold nothing to hide is not looked at again, and lets nothing else through."""

from backend.alert.clean import Cleared
from backend.alert.formats import alertmanager
from tests.alert.stage import NOW
from tests.fakes.alertmanager import alert, body

SECRET = "password=hunter2hunter2"


def test_of_a_text_without_a_secret_a_digest_is_kept_once_and_of_one_with_a_secret_nothing():
    cleared = Cleared()
    assert [cleared.is_clean("web is down") for _ in range(2)] == [True, True]
    assert [cleared.is_clean(f"web is down: {SECRET}") for _ in range(2)] == [False, False]
    assert len(cleared) == 1


def test_it_forgets_before_it_takes_more_room_than_it_was_given():
    cleared = Cleared(room=3)
    for number in range(10):
        assert cleared.is_clean(f"web-{number} is down")
        assert len(cleared) <= 3
    assert not cleared.is_clean(SECRET)


def test_a_secret_that_comes_with_a_repetition_is_hidden_each_time():
    def summary(said: str) -> str:
        (parsed,) = alertmanager.parse(body(alert(annotations={"summary": said})), NOW).alerts
        return parsed.annotations["summary"]

    told = [summary(said) for said in ("web is down", f"web is down {SECRET}") * 2]
    assert told == ["web is down", "web is down password=[redacted]"] * 2

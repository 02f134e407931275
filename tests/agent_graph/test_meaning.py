"""What lines mean is learned: from the known lines as they are now, and well enough for software nobody showed it."""

from collections import Counter
from importlib.resources import files

import orjson
import pytest

from agent_graph.analysts.rules.catalogue import SIGNATURES
from agent_graph.logs.learn import fingerprint, known_lines, learn
from agent_graph.logs.meaning import BENIGN, MODEL, Model, learned, meaning_of
from backend.redaction.redact import redact


def test_the_model_is_made_from_the_known_lines():
    stored = orjson.loads(files("agent_graph.logs").joinpath(MODEL).read_bytes())
    assert stored["known"] == fingerprint(), "make learn"


def test_the_known_lines_have_categories_that_signatures_have_and_no_secrets():
    known = known_lines()
    assert {k.category for k in known} == {BENIGN, *(s.category for s in SIGNATURES)}
    assert [k.line for k in known if redact(k.line) != k.line] == []


def test_it_reads_what_it_learned_from():
    known = known_lines()[::5]
    wrong = [k for k in known if learned().weigh(k.line).category != k.category]
    assert len(wrong) <= len(known) * 0.01, wrong[:5]


def test_it_reads_software_it_has_never_seen_and_is_silent_where_it_does_not_know():
    known = known_lines()
    products = sorted({k.product for k in known})
    unseen = set(products[::4])
    model = Model.of(learn([k for k in known if k.product not in unseen]))
    said: Counter[str] = Counter()
    for line in (k for k in known if k.product in unseen):
        meaning = model.read(line.line)
        if line.category == BENIGN:
            said["harmless"] += 1
            said["false alarm"] += meaning.sure
        else:
            said["trouble"] += 1
            said["right"] += meaning.sure and meaning.category == line.category
            said["wrong"] += meaning.sure and meaning.category != line.category
    assert said["right"] >= 0.6 * said["trouble"], said
    assert said["wrong"] <= 0.05 * said["trouble"], said
    assert said["false alarm"] <= 0.06 * said["harmless"], said


@pytest.mark.parametrize(
    "line", ["", "\x00\ufffd\x1b[31m", "1234567 89", "x" * 100_000, '{"msg": {"a": []}}', "日本語のログ"]
)
def test_any_line_has_a_meaning(line: str):
    assert 0 <= meaning_of(line).share <= 1

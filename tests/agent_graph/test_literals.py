"""A pattern's literals never say no to a text that the pattern is found in, whoever wrote either."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent_graph.analysts.rules import mounted, signatures
from agent_graph.logs import words
from agent_graph.logs.literals import may_match, pieces_of

KNOWN = Path(words.__file__).parent / "known"
quickly = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


# What those patterns are called that every line is asked for.
ASKED = ("_WORDS", "_FATAL", "_LARGER", "_PARTED", "_REFUSED", "_TAKEN_BACK", "_TURNED_AWAY", "DROPPED")


def _patterns() -> dict[str, re.Pattern[str]]:
    """All that every line is asked for."""
    modules = [import_module(f"{signatures.__name__}.{found.name}") for found in iter_modules(signatures.__path__)]
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}": value
        for module in (*modules, mounted, words)
        for name, value in vars(module).items()
        if isinstance(value, re.Pattern) and name in ASKED
    }


PATTERNS = _patterns()
ATOMS = st.sampled_from(
    ["out", "of", "K", "s", "é", "ß", r"\d", r"\w", ".", "[a-c]", "[^x]", "[xyſ]", " ", r"\s", r"\b"]
)


def _longer(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Patterns made of patterns."""
    pairs = st.tuples(parts, parts)
    return st.one_of(
        pairs.map("".join),
        pairs.map(lambda pair: f"(?:{pair[0]}|{pair[1]}|no)"),
        pairs.map(lambda pair: f"({pair[0]}){pair[1]}\\1"),
        pairs.map(lambda pair: f"(?={pair[0]}){pair[1]}"),
        st.tuples(parts, st.sampled_from(["?", "*", "+?", "{2}", "{0,3}", "{1,2}"])).map(lambda p: f"(?:{p[0]}){p[1]}"),
        parts.map(lambda part: f"(?-i:{part})"),
    )


def _is_one(written: str) -> bool:
    """Not where a group refers to itself."""
    try:
        re.compile(written)
    except re.error:
        return False
    return True


ANY_PATTERN = st.recursive(ATOMS, _longer, max_leaves=8).filter(_is_one)


@pytest.mark.parametrize("name", PATTERNS)
def test_what_a_pattern_matches_may_match(name: str):
    pattern = PATTERNS[name]
    may = may_match(pattern)

    @settings(quickly, max_examples=5, derandomize=True)
    @given(st.from_regex(pattern))
    def holds(text: str) -> None:
        assert may(text)
        assert may(text.upper()) or pattern.search(text.upper()) is None

    holds()


@settings(quickly, max_examples=50)
@given(ANY_PATTERN, st.sampled_from([0, re.IGNORECASE, re.IGNORECASE | re.DOTALL]), st.data())
def test_so_does_what_any_pattern_matches(written: str, flags: int, data: st.DataObject):
    pattern = re.compile(written, flags)
    text = data.draw(st.from_regex(pattern))
    may = may_match(pattern)
    for one in (text, text.upper(), text.lower(), f"before {text} after"):
        assert may(one) or pattern.search(one) is None, one


def test_known_lines_are_answered_as_by_the_patterns_alone():
    lines = [line for file in sorted(KNOWN.glob("*.tsv")) for line in file.read_text().splitlines()[::25]]
    assert len(lines) > 250
    found = 0
    for name, pattern in PATTERNS.items():
        may = may_match(pattern)
        matched = {line for line in lines if pattern.search(line)}
        assert matched <= {line for line in lines if may(line)}, name
        found += len(matched)
    assert found > 100


@pytest.mark.parametrize("name", [name for name in PATTERNS if name.endswith("._WORDS")])
def test_what_every_line_is_asked_says_no_by_its_literals(name: str):
    assert not may_match(PATTERNS[name])("GET /health 200 in 3 ms")


@pytest.mark.parametrize(
    ("pattern", "pieces"),
    [
        ("connection refused|ECONNREFUSED", ("connection refused", "econnrefused")),
        ("disk (?:is )?full", ("disk full", "disk is full")),
        ("log[-_ ]?entry", ("log entry", "log-entry", "log_entry", "logentry")),
        (r"\btook \d+ seconds", (" seconds",)),
        ("(?:a.b|longer) than", (" than",)),
        ("(?:so )+many", ("many",)),
        ("(?:xy){2}", ("xy",)),
        ("(?>atomic) group", ("atomic group",)),
        ("(?<!not )recovered(?! yet)", ("recovered",)),
        (r"(fail)\1", ("fail",)),
        ("(?-i:EACCES)", ("eacces",)),
        ("a|timeout", ()),
        ("(?:timeout)?", ()),
        ("(?:timeout)*x", ()),
        ("ſtart", ("tart",)),
        (r"\d+", ()),
        ("", ()),
    ],
)
def test_pieces(pattern: str, pieces: tuple[str, ...]):
    assert pieces_of(pattern, re.IGNORECASE) == tuple(sorted(pieces))


def test_letters_with_more_than_two_cases_are_left_to_the_pattern():
    pattern = re.compile("disk is full", re.IGNORECASE)
    assert pattern.search("dis\N{KELVIN SIGN} i\N{LATIN SMALL LETTER LONG S} full")
    assert may_match(pattern)("dis\N{KELVIN SIGN} i\N{LATIN SMALL LETTER LONG S} full")
    assert not may_match(pattern)("the disc is full")

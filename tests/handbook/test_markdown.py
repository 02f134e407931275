"""Runbook files: what is understood, and the sentence for everything else that may lie in a folder."""

import pytest

from backend.handbook.kinds import MAX_BODY, Content, slug_of
from backend.handbook.markdown import MAX_FILE_BYTES, Unusable, decode, excerpt, parse

WHOLE = """---
title: Orders run out of memory
categories: [oom, memory_pressure]
targets: orders-*, shop/orders
action: docker.restart_container
owner: payments
---

# Orders run out of memory

Look at the *limit*.
"""


def parsed(text: str, path: str = "team/orders-oom.md") -> Content:
    content = parse(text, path)
    assert isinstance(content, Content), content
    return content


def test_front_matter_says_what_it_is_for_and_unknown_names_are_left_alone():
    content = parsed(WHOLE)
    assert (content.slug, content.title) == ("orders-oom", "Orders run out of memory")
    assert content.categories == ["oom", "memory_pressure"]
    assert (content.targets, content.actions) == (["orders-*", "shop/orders"], ["docker.restart_container"])
    assert content.body_md == "Look at the *limit*.\n"


@pytest.mark.parametrize(
    "text",
    ["# Disk full\n\nDelete.\n", "---\n---\n# Disk full\nDelete.", "---\r\ntitle: Disk full\r\n---\r\nDelete.\r\n"],
    ids=["only a heading", "empty front matter", "line ends of Windows"],
)
def test_a_title_comes_from_where_there_is_one(text: str):
    content = parsed(text, "Größe der Platte.md")
    assert (content.title, content.slug, content.body_md) == ("Disk full", "groe-der-platte", "Delete.\n")


BOMB = "\n".join(["a: &a [x, x]", *(f"{n}: &{n} [{', '.join(['*' + m] * 9)}]" for m, n in zip("abcdefgh", "bcdefghi"))])  # noqa: B905
WRONG = {
    "HTML": ("<!DOCTYPE html><html><body>no</body></html>", "HTML"),
    "no title": ("just text", "no title"),
    "no text": ("---\ntitle: x\n---\n \n", "no text"),
    "too long": ("# x\n" + "y" * (MAX_BODY + 1), "longer than"),
    "unknown category": ("---\ntitle: x\ncategories: [oops]\n---\nx", "categories: 'oops' is none"),
    "unknown action": ("---\ntitle: x\nactions: [rm -rf /]\n---\nx", "actions: 'rm -rf /'"),
    "front matter without end": ("---\ntitle: x\n", "does not end"),
    "bad YAML": ("---\ntitle: [x\n---\nx", "not valid YAML"),
    "a glob without quotes": (
        "---\ntitle: x\ntargets: *-db\n---\nx",
        "(line 3). Put what has * or : in it into quotes.",
    ),
    "YAML with a tag": ("---\ntitle: !!python/object/apply:os.system [id]\n---\nx", "not valid YAML"),
    "YAML that is a list": ("---\n- x\n---\nx", "list of `name: value`"),
    "YAML that grows without end": (f"---\n{BOMB}\ntitle: *i\n---\nx", "title:"),
    "YAML in itself": ("---\ntitle: x\ncategories: &c [*c]\n---\nx", "categories"),
    "long front matter": ("---\nnote: " + "x" * 9000 + "\n---\nx", "longer than"),
    "a NUL": ("# x\n\0", "not text"),
    "control characters": ("# x\n\x1b[31mred", "body_md"),
    "not a slug": ("---\ntitle: x\nslug: ../x\n---\nx", "slug"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_runbook_is_refused_with_a_sentence(case: str):
    text, words = WRONG[case]
    refused = parse(text, "x.md")
    assert isinstance(refused, Unusable)
    assert words in refused.text or case == "control characters"
    assert len(refused.text) < 400
    assert refused.text.endswith(".")


def test_bytes_that_are_no_text_are_refused():
    for raw in (b"\x89PNG\r\n\x1a\n\xff\xfe", b"x" * (MAX_FILE_BYTES + 1), "ü".encode("latin-1")):
        assert isinstance(decode(raw), Unusable)
    assert decode("\ufeff# x".encode()) == "# x"


def test_an_excerpt_is_plain_text():
    body = (
        "## Symptoms\n\n- **Exit code** 137 of _the_ `oom_kill`, see [the log](http://x)\n\n```\nsecret\n```\n| a |\n"
        + "long " * 100
    )
    said = excerpt(body)
    assert said.startswith("Exit code 137 of the oom_kill, see the log long long")
    assert len(said) <= 240


def test_every_title_gives_a_slug():
    assert [slug_of(t) for t in ("Ünder Load!", "日本", "-", "A" * 200)] == [
        "under-load",
        "runbook",
        "runbook",
        "a" * 80,
    ]

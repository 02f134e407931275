"""Splitting migrations: what PostgreSQL takes as one statement is one statement, and its line is where it begins."""

import pytest

from backend.embedded.migrate import known_migrations
from backend.embedded.statements import Statement, split


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select 1; select 2", ["select 1", "select 2"]),
        ("select 'a;b'; select 2;", ["select 'a;b'", "select 2"]),
        ("select 'it''s;'; x", ["select 'it''s;'", "x"]),
        (r"select E'\';'; x", [r"select E'\';'", "x"]),
        ('select ";"; x', ['select ";"', "x"]),
        ("do $$ begin; end $$; x", ["do $$ begin; end $$", "x"]),
        ("do $a$ $$;$$ $b$;$b$ $a$; x", ["do $a$ $$;$$ $b$;$b$ $a$", "x"]),
        ("select $1; x", ["select $1", "x"]),
        ("select a$b$; x; y$b$", ["select a$b$", "x", "y$b$"]),
        ("select 1 -- ; not here\n; x", ["select 1 -- ; not here", "x"]),
        ("select 1 /* ; /* ; */ ; */; x", ["select 1 /* ; /* ; */ ; */", "x"]),
        ("-- only a comment;\n/* and another; */", []),
        (";;  ;", []),
        (
            "create function f() returns int begin atomic select case when true then 1; end; select 2; end; x",
            ["create function f() returns int begin atomic select case when true then 1; end; select 2; end", "x"],
        ),
        ("begin; select 1; end; x", ["begin", "select 1", "end", "x"]),
    ],
)
def test_a_semicolon_ends_a_statement_only_outside_quotes_comments_and_bodies(text: str, expected: list[str]):
    assert [s.sql for s in split(text)] == expected


def test_the_line_is_that_of_the_first_word():
    assert split("-- a\n\n  /* b\n */ select 1;\nselect\n 2;") == [
        Statement("select 1", 4),
        Statement("select\n 2", 5),
    ]


def test_our_own_migrations_lose_nothing_in_splitting():
    for migration in known_migrations():
        text = migration.path.read_text()
        position = 0
        for statement in migration.statements():
            position = text.index(statement.sql, position) + len(statement.sql)
        assert text[position:].strip(" \n;") == "" or text[position:].lstrip(" \n;").startswith("--")

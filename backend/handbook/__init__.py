"""Runbooks: Markdown that says what to do about a kind of trouble; those of a team and those that come with us."""

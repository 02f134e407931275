"""A finished incident as a scenario of `nightdesk eval`: what was seen, what it was, and nobody's secrets or names."""

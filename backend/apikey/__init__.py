"""API keys: what machines use instead of a person's session."""

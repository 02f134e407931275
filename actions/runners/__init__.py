"""One file per platform: what a kind would change, what its target is now, and doing it. None sees the database."""

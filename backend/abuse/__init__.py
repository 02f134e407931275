"""Guessing is made slow, then costly, then impossible: per account and per address, for a while."""

"""Telling people: what leaves the house, in a process of its own that holds the keys for it."""

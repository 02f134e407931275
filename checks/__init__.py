"""Sees: looks at what monitors name, from outside, and records what it saw."""

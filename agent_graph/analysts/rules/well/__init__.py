"""Reasons for which all is well, and what the reader of good news is told."""

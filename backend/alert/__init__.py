"""Alerts from other systems: parsed, stored one row per firing, and turned into incidents."""

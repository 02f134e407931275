"""Monitors: what is checked, how often, what the checks saw, and when that makes an incident."""

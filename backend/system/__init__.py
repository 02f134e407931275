"""Nightdesk about itself: configuration for clients, health, metrics, and the files of the UI."""

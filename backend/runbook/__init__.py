"""Runbook hooks: HTTP endpoints of the team that repair something, with a schema of what they take."""

"""Invitations: how somebody comes into a team."""

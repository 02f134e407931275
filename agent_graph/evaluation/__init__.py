"""Replays recorded incidents through the same graph and scores what it says."""

"""Investigations: the contract with the agent, what it was told, what it found, what it concluded."""

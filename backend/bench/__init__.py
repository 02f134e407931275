"""Measures Nightdesk against the machine it runs on; the goals are in the design."""

"""Running the installation: all its teams, visits of support, maintenance, and what was done on it."""

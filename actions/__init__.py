"""DOES: the only process with credentials that change the outside world. It runs approved rows, nothing else."""

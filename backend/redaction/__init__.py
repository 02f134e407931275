"""Foreign text made fit to be kept: secrets hidden, invisible characters gone. Pure; every process uses the same."""

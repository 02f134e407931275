"""The model on top of the rules: starts from their hypotheses, may look further, must quote, can do no harm."""

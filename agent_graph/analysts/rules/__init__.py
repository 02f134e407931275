"""The deterministic analyst: facts from evidence, signatures on facts, ranking, verdict, remedy."""

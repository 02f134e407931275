"""THINKS: gathers evidence, says what is wrong with proof, proposes. It can read the world, never change it."""

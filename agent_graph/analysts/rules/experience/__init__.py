"""What recorded cases had in common: a second opinion on the verdict, beside what the rules know."""

"""What was before: incidents that look alike, what was done about them, and whether it worked."""

"""What the incident page needs: the incident with its latest investigation and its current action, in one answer."""

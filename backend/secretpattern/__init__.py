"""What only a team knows to be secret: its own patterns, hidden like passwords before anything is stored or sent."""

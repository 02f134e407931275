"""Where the outside world is that we look at and change."""

"""What may be done to the outside world, and the permission to do it."""

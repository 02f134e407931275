"""Who did what to what, from where: written with the change itself, and never changed afterwards."""

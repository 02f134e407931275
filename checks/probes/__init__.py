"""One file per type of monitor. A probe looks once and answers a Result; it knows nothing of the database."""

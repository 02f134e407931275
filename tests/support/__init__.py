"""What the tests stand on: a PostgreSQL for the run, a clock to move, people who sign in."""

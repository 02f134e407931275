"""What the rows of PostgreSQL's statistics views say: sessions, locks, statements, replication, waits."""

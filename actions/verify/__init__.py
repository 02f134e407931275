"""Did it help? One file per thing that can tell, and the verdict over all of them. None sees the database."""

"""The steps of an investigation, one file each. They know protocols only: no database, no network of their own."""

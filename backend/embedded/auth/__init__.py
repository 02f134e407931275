"""Supabase Auth on one machine: what supabase-js and supabase-py call for, over the tables GoTrue has."""

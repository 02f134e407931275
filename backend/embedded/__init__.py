"""Supabase on one machine: PostgreSQL from a wheel, its bootstrap, sign-in and realtime."""

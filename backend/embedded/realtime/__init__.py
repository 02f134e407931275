"""Supabase Realtime on one machine: Phoenix channels over a WebSocket, fed by PostgreSQL."""

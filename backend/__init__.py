"""Remembers: domain rules, tables and the HTTP door. Everything else imports from here."""

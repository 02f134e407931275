"""Logs and alerts are hostile text: what is stripped, hidden, fenced and checked before anybody believes it."""

"""The kernel: what an incident is, what may happen to it, and the only writer of its status."""

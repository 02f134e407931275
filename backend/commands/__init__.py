"""The commands of `nightdesk`, one module per topic."""

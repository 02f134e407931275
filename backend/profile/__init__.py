"""What people say about themselves: name, time zone, language, preferences."""

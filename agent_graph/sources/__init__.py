"""Where evidence comes from, one file each: read-only, timed, capped, and honest about what did not answer."""

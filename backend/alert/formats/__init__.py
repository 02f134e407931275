"""One file per format of incoming alerts: bytes in, a Batch out."""

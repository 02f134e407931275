"""Mail: written down with what causes it, sent by a job."""

"""Which troubles are one incident: what people merge, split and declare."""

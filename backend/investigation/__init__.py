"""The contract with the agent: what it is told (CaseFile), what it saw (Evidence), what it concludes (Report)."""

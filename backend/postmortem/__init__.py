"""Post-mortems: written from the record when an incident is resolved, edited by people, every version kept."""

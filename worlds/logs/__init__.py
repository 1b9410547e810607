"""Change logs: what a `recorded` world replays, and what makes one of a repository or an event log."""

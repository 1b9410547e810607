"""Change logs, which a `recorded` world replays, and their import from repositories and event logs."""

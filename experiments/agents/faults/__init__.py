"""Where an agent fails: histories shrunk to the essential changes, a map of them, and a test suite."""

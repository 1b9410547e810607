"""Sweeps: from a spec to conditions, episodes, and rows in a folder."""

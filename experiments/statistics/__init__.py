"""Intervals, closed forms, and numbers as text: nothing here knows about sweeps."""

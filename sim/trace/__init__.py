"""Trace: what happened, event by event, and the files that hold it."""

"""Trace: the events of an episode, and the files that hold them."""

"""The take-home guard: the simulator's policies in front of a real agent's calls."""

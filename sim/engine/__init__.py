"""Engine: the SimPy side of an episode."""

"""Engine: the SimPy part of an episode."""

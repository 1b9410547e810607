"""Benchmarks (`make bench`): ratios of things timed alternately in one run, never seconds alone."""

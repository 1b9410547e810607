"""Benchmarks (`make bench`): ratios of things timed side by side in one run, never seconds alone."""

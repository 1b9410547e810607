"""Specs, sweeps, figures and the command line."""

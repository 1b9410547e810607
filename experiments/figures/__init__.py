"""Figures, each a function of a table."""

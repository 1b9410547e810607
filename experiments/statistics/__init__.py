"""Intervals, closed forms, and how a number is told: nothing here knows of a sweep."""

"""Intervals, closed forms, and the text of a number: nothing here knows of a sweep."""

"""The six lessons: their words, what they run, what they show, and a marimo notebook each."""

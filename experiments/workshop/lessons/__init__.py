"""The seven lessons: their texts, runs and figures, with one marimo notebook each."""

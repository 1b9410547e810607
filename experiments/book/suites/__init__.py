"""The questions that come with plandrift, a sweep each."""

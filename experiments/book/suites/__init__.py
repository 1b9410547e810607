"""The questions that come with plandrift, one sweep each."""

"""Which guard an agent needs, what it costs, and how certain that is."""

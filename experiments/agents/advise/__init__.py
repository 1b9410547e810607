"""Which guard an agent needs, at what price, and how sure that is."""

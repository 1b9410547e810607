"""Terms: calls, fluents, plans and their dependencies, staleness, random streams, the clock, errors."""

"""Terms: calls, fluents, plans, what plans rest on, staleness, streams, the clock, errors."""

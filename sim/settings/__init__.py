"""Settings: what of an episode can be set, with its meaning, unit and range."""

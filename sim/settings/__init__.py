"""Settings: everything about an episode that can be set, with its meaning, unit and range."""

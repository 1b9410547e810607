"""Real histories: git repositories as change logs, and how long a plan would have stayed valid in them."""

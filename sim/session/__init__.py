"""Session: a real agent in the place of planner and executor."""

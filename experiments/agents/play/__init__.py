"""Somebody else plays: a model, a program or a person in a session of their own, and a contest over seeds."""

"""Companions: what a world says beside its scene to people, agents, its planner and a compiled engine."""

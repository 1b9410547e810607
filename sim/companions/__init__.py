"""Companions: what a world offers beyond its scene to people, agents, its planner and the compiled engine."""

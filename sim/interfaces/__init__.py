"""Interfaces: what people implement, a world and a policy, and what a policy sees."""

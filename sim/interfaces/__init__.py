"""Interfaces: the world and the policy, which users implement, and the view that a policy sees."""

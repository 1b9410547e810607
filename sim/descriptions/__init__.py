"""Descriptions: what a world says beside its scene to people, to agents and to a compiled engine."""

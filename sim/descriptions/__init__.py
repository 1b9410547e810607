"""Descriptions: what a world says of itself to people, to agents and to a compiled engine."""

"""What `plandrift new` writes: a world, a policy or a planner to begin one's own from."""

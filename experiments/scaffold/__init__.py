"""What `plandrift new` writes: a world, policy or planner to start your own from."""

"""Templates for new worlds, policies and planners: ordinary modules, linted, type-checked and tested."""

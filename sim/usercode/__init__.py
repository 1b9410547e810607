"""User code: checks that users' worlds, policies and planners keep to their interfaces."""

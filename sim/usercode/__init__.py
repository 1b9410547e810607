"""User code: worlds, policies and planners of one's own, held to their interfaces."""

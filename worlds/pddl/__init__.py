"""Any planning problem in PDDL as a world that changes by itself."""

from plandrift.worlds.pddl.world import Pddl

__all__ = ["Pddl"]

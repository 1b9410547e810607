"""Any planning problem in PDDL as a world that moves."""

from plandrift.worlds.pddl.world import Pddl

__all__ = ["Pddl"]

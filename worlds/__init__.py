"""The worlds, by name. A world of one's own is one file here and one line below."""

from plandrift.sim import World
from plandrift.worlds.files import Files
from plandrift.worlds.pddl import Pddl
from plandrift.worlds.recorded import Recorded
from plandrift.worlds.records import Records
from plandrift.worlds.routes import Routes
from plandrift.worlds.telegraph import Telegraph
from plandrift.worlds.tickets import Tickets
from plandrift.worlds.tileworld import Tileworld

WORLDS: dict[str, type[World]] = {
    "telegraph": Telegraph,
    "records": Records,
    "tickets": Tickets,
    "tileworld": Tileworld,
    "files": Files,
    "routes": Routes,
    "recorded": Recorded,
    "pddl": Pddl,
}
"""Every built-in world by the name it has on the command line."""

__all__ = ["WORLDS", "Files", "Pddl", "Recorded", "Records", "Routes", "Telegraph", "Tickets", "Tileworld"]

if __name__ == "worlds":
    raise ImportError("this folder is a part of plandrift: import plandrift.worlds")

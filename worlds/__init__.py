"""The worlds, by name. A world of one's own is one file here and one line below."""

from sim import World
from worlds.files import Files
from worlds.pddl import Pddl
from worlds.recorded import Recorded
from worlds.records import Records
from worlds.routes import Routes
from worlds.telegraph import Telegraph
from worlds.tickets import Tickets
from worlds.tileworld import Tileworld

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

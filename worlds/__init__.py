"""The worlds, by name. To add your own, write one file here and one line below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plandrift.sim import World
    from plandrift.worlds.files import Files
    from plandrift.worlds.ledger import Ledger
    from plandrift.worlds.recorded import Recorded
    from plandrift.worlds.records import Records
    from plandrift.worlds.routes import Routes
    from plandrift.worlds.telegraph import Telegraph
    from plandrift.worlds.tickets import Tickets
    from plandrift.worlds.tileworld import Tileworld

PLACES = {
    "telegraph": "telegraph.Telegraph",
    "records": "records.Records",
    "tickets": "tickets.Tickets",
    "tileworld": "tileworld.Tileworld",
    "files": "files.Files",
    "routes": "routes.Routes",
    "recorded": "recorded.Recorded",
    "pddl": "pddl.Pddl",
    "ledger": "ledger.Ledger",
}
"""Every built-in world by its name on the command line: its module here, and its class."""


class _Worlds(Mapping[str, "type[World]"]):
    """The worlds by name, each imported on first use: some take as long to load as all of `sim`."""

    def __getitem__(self, name: str) -> type[World]:
        module, _, kind = PLACES[name].partition(".")
        found: type[World] = getattr(import_module(f"{__name__}.{module}"), kind)
        return found

    def __contains__(self, name: object) -> bool:
        return name in PLACES

    def __iter__(self) -> Iterator[str]:
        return iter(PLACES)

    def __len__(self) -> int:
        return len(PLACES)


WORLDS: Mapping[str, type[World]] = _Worlds()
"""Every built-in world, by its name on the command line."""

__all__ = ["WORLDS", "Files", "Ledger", "Recorded", "Records", "Routes", "Telegraph", "Tickets", "Tileworld"]


def __getattr__(kind: str) -> Any:
    for name, place in PLACES.items():
        if place.endswith("." + kind):
            return WORLDS[name]
    raise AttributeError(f"module {__name__!r} has no attribute {kind!r}")


if __name__ == "worlds":
    raise ImportError("this folder is a part of plandrift: import plandrift.worlds")

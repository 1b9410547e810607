"""An overlay: which actions belong to the world, how often each happens, and how long the agent's take.

It is a TOML file that accompanies a problem:

    domain = "ferry.pddl"
    problem = "p01.pddl"
    schemas = '''
      (:action close :parameters (?l - landing) :precondition (not (closed ?l)) :effect (closed ?l))'''

    [events.close]                   # `close` now happens by itself; the agent cannot do it
    rate = 0.5                       # for each set of arguments, as a multiple of the volatility
    distribution = "gamma(shape=4)"  # of the times between events: gamma, constant, or exponential (the
    default) seen = true                      # whether the agent's channel pushes it where = [{args =
    ["landing1"], rate = 3.0}, {args = ["*", "car2"], rate = 0}]

    [actions.sail]
    duration = 2.0                   # in units of time, at least a step's
    violated = "void"                # rejected, void or harmful
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plandrift.sim import SettingError
from plandrift.sim.terms.errors import nearest
from plandrift.worlds.text_file import read_text, toml_of

if TYPE_CHECKING:
    from plandrift.worlds.pddl.overlay_rules import Duration, EventRule


@dataclass(frozen=True)
class Overlay:
    """An overlay as it was read; an empty overlay changes nothing.

    Attributes:
        path: the path of its file, None if there is no file.
        domain: the path of its domain.
        problem: the path of its problem.
        schemas: additional actions, as PDDL.
        events: the world's actions.
        actions: how the agent's actions are carried out.
    """

    path: Path | None = None
    domain: Path | None = None
    problem: Path | None = None
    schemas: str = ""
    events: dict[str, EventRule] = field(default_factory=dict)
    actions: dict[str, Duration] = field(default_factory=dict)

    def check(self, names: set[str]) -> None:
        """Check that the overlay names only existing actions.

        Raises:
            SettingError: it names an unknown action; the message lists the known ones.
        """
        for section, given in (("events", self.events), ("actions", self.actions)):
            for name in given:
                if name not in names:
                    raise SettingError(
                        f"{self.path}: [{section}.{name}] names no action of the domain: "
                        f"{nearest(name, names)}"
                    )


def overlay_path(name: str) -> Path:
    """Return the file of an overlay: a bare name means one of plandrift's own, anything else is a path.

    Raises:
        SettingError: it is a bare name, and there is no such overlay.

    >>> overlay_path("ferry").name
    'ferry.toml'
    """
    path = Path(name)
    if path.suffix or len(path.parts) != 1 or os.path.lexists(path):
        return path
    folder = resources.files("plandrift.worlds.pddl") / "domains"
    own = sorted(p.name.removesuffix(".toml") for p in folder.iterdir() if p.name.endswith(".toml"))
    if name not in own:
        raise SettingError(f"world.overlay = {name}: give a .toml file, or {nearest(name, own)}")
    return Path(str(folder / f"{name}.toml"))


def read_overlay(path: Path) -> Overlay:
    """Read an overlay.

    Raises:
        SettingError: the file does not exist, or something in it is wrong; the message says where.

    >>> sorted(read_overlay(overlay_path("ferry")).events)
    ['close', 'open']
    """
    # Pydantic takes longer to load than most episodes take to run, and other worlds do not need it.
    from pydantic import ValidationError

    from plandrift.worlds.pddl.overlay_rules import OverlayFile

    try:
        raw = toml_of(read_text(path, f"overlay {path}", "give a TOML file"), f"overlay {path}")
        found = OverlayFile.model_validate(raw)
    except ValidationError as error:
        first: Any = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SettingError(f"overlay {path}: {place}: {first['msg']}") from None
    except RecursionError:
        raise SettingError(f"overlay {path}: its lists are nested too deeply: nest them less") from None
    try:
        for event in found.events.values():
            event.times()
    except SettingError as error:
        raise SettingError(f"overlay {path}: distribution: {error}") from None
    if not found.events:
        raise SettingError(
            f"overlay {path}: no events: give [events.NAME] for an action that the world carries out"
        )
    beside = path.parent
    return Overlay(
        path,
        beside / found.domain if found.domain else None,
        beside / found.problem if found.problem else None,
        found.schemas,
        found.events,
        found.actions,
    )

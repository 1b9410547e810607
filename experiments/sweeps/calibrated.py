"""The settings of a spec that `calibrate` wrote, for commands that look at one system."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from plandrift.experiments.sweeps.names import world_named
from plandrift.experiments.sweeps.settings import settings_of
from plandrift.experiments.sweeps.spec import read_spec
from plandrift.sim import SettingError


class CalibratedSettings(NamedTuple):
    """What a spec knows of a system.

    Attributes:
        world: its own, or the one asked for.
        settings: by dotted name, those of which an interval is known among them.
        intervals: of 95 %, by the setting's name.
    """

    world: str
    settings: dict[str, Any]
    intervals: Mapping[str, tuple[float, float]]


def calibrated_settings(path: Path, world: str | None = None) -> CalibratedSettings:
    """Read them; for another world than the spec's, what only the spec's world has is left out.

    Raises:
        SettingError: it is no spec, or none of one system.
    """
    spec, _ = read_spec(path)
    if spec.world is None or spec.random is not None:
        raise SettingError(
            f"--calibrated {path}: it has no world of its own: give a spec that `calibrate` wrote"
        )
    chosen = world or spec.world
    given = {name: getattr(spec, name) for name in ("volatility", "horizon")}
    settings = {name: value for name, value in given.items() if value is not None} | dict(spec.fixed)
    if chosen != spec.world:
        known = {one.name for one in settings_of(world_named(chosen), None)}
        settings = {name: value for name, value in settings.items() if name in known}
    return CalibratedSettings(
        chosen, settings, {name: ends for name, ends in spec.intervals.items() if name in settings}
    )

"""The settings of a spec written by `calibrate`, for commands that look at one system."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from plandrift.experiments.sweeps.names import world_named
from plandrift.experiments.sweeps.settings import settings_of
from plandrift.experiments.sweeps.spec import read_spec
from plandrift.sim import SettingError


class CalibratedSettings(NamedTuple):
    """What a spec says about a system.

    Attributes:
        world: the spec's world, or the one asked for.
        settings: the settings by dotted name, including those with a known interval.
        intervals: 95 % intervals, by the setting's name.
    """

    world: str
    settings: dict[str, Any]
    intervals: Mapping[str, tuple[float, float]]


def calibrated_settings(path: Path, world: str | None = None) -> CalibratedSettings:
    """Read them from a file; for a different world, the settings of the spec's own world are left out.

    Raises:
        SettingError: the file is not a spec, or not the spec of a single system.
    """
    spec, _ = read_spec(path)
    if spec.world is None or spec.random is not None:
        raise SettingError(f"--calibrated {path}: it names no world: give a spec written by `calibrate`")
    chosen = world or spec.world
    given = {name: getattr(spec, name) for name in ("volatility", "horizon")}
    settings = {name: value for name, value in given.items() if value is not None} | dict(spec.fixed)
    if chosen != spec.world:
        known = {one.name for one in settings_of(world_named(chosen), None)}
        settings = {name: value for name, value in settings.items() if name in known}
    return CalibratedSettings(
        chosen, settings, {name: ends for name, ends in spec.intervals.items() if name in settings}
    )

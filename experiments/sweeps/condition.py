"""From a spec to its conditions: every combination, each with a name that lasts."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.sweeps.settings import Condition, condition
from experiments.sweeps.spec import Random, Spec, line_of
from sim import SettingError, plain

TOP = ("world", "policy", "oracle")
"""What a condition is made of beside its settings."""


@dataclass(frozen=True)
class Point:
    """One condition of a sweep, as words.

    Attributes:
        id: twelve hexadecimal digits that depend on nothing but the words below.
        world: the world's name.
        policy: the policy's name.
        oracle: whether it is run under the oracle setting.
        settings: the settings given, by dotted name.
    """

    id: str
    world: str
    policy: str
    oracle: bool
    settings: tuple[tuple[str, Any], ...]

    def condition(self) -> Condition:
        """What is run.

        Raises:
            SettingError: a name or a value is wrong.
        """
        return condition(self.world, self.policy, dict(self.settings), oracle=self.oracle)

    def value(self, name: str) -> Any:
        """The value of a setting that varies."""
        return getattr(self, name) if name in TOP else dict(self.settings)[name]


def point_of(values: Mapping[str, Any]) -> Point:
    """The condition with these values of `world`, `policy`, `oracle` and settings."""
    settings = {k: _tidy(v) for k, v in values.items() if k not in TOP}
    world, policy, oracle = str(values["world"]), str(values["policy"]), bool(values.get("oracle", False))
    words = json.dumps([world, policy, oracle, sorted(settings.items())], sort_keys=True)
    name = hashlib.sha256(words.encode()).hexdigest()[:12]
    return Point(name, world, policy, oracle, tuple(sorted(settings.items(), key=lambda item: item[0])))


def points_of(spec: Spec, text: str = "", place: str = "spec") -> list[Point]:
    """Every condition of a spec, in the order of its lists, all checked.

    Args:
        spec: the spec.
        text: what it was read from, to find the line of a mistake.
        place: its file's name.

    Raises:
        SettingError: a name or a value is wrong, or two conditions are the same.
    """
    drawn = draw(spec.random) if spec.random is not None else [{}]
    points = []
    seen: set[str] = set()
    for base, group in groups_of(spec):
        for more in drawn:
            point = point_of(base | more)
            check(point, spec, text, place)
            if point.id in seen:
                raise SettingError(f"{place}: the condition {group | more} stands in it twice")
            seen.add(point.id)
            points.append(point)
    return points


def groups_of(spec: Spec) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each combination of `[grid]` and `[zip]`: all its values, and those that vary."""
    fixed = {
        name: getattr(spec, name)
        for name in ("world", "policy", "volatility", "horizon", "oracle")
        if getattr(spec, name) is not None
    } | spec.fixed
    rows = [dict(zip(spec.grid, values, strict=True)) for values in itertools.product(*spec.grid.values())]
    if spec.zip:
        side = [dict(zip(spec.zip, values, strict=True)) for values in zip(*spec.zip.values(), strict=True)]
        rows = [row | more for row in rows for more in side]
    return [(fixed | row, row) for row in rows]


def check(point: Point, spec: Spec, text: str = "", place: str = "spec") -> None:
    """Refuse a condition that could not be run.

    Raises:
        SettingError: a name or a value is wrong; with `text` the line says on which line it stands.
    """
    try:
        point.condition().world.check()
    except SettingError as error:
        values = {"world": point.world, "policy": point.policy} | dict(point.settings)
        raise SettingError(_placed(str(error), spec, values, text, place)) from None


def draw(random: Random) -> list[dict[str, Any]]:
    """The points of `[random]`: the same for the same seed."""
    # scipy.stats takes longer to load than most commands to run.
    from scipy.stats import qmc

    ranges = random.ranges
    engine = qmc.LatinHypercube if random.method == "latin-hypercube" else qmc.Sobol
    shares = engine(d=len(ranges), rng=random.seed).random(random.points)
    return [
        {name: ranges[name].at(share) for name, share in zip(ranges, row, strict=True)}
        for row in shares.tolist()
    ]


def resolved(point: Point) -> dict[str, Any]:
    """Every setting of a condition, those not given included."""
    made = point.condition()
    settings: dict[str, Any] = plain(made.settings)
    return settings


def _tidy(value: Any) -> Any:
    """1 and 1.0 are one value."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _placed(message: str, spec: Spec, values: Mapping[str, Any], text: str, place: str) -> str:
    """The message with the line of the setting that it names."""
    if not text:
        return f"{place}: {message}"
    first = message.partition(" ")[0].partition(":")[0].rstrip(":")
    if first == "unknown":
        kind, _, quoted = message.removeprefix("unknown ").partition(" ")
        name = quoted.split("'")[1] if kind == "setting" else kind
    elif first in values:
        name = first
    else:
        # A policy or a world with arguments names itself in quotes, or by its module.
        name = (
            "policy" if "policy" in message else next((k for k, v in values.items() if v == first), "world")
        )
    for section in ("grid", "zip", "fixed"):
        if name in getattr(spec, section):
            return f"{place}:{line_of(text, [section, name])}: {message}"
    if spec.random is not None and name in spec.random.ranges:
        return f"{place}:{line_of(text, ['random', name])}: {message}"
    return f"{place}:{line_of(text, [name])}: {message}"

"""From a spec to its conditions: every combination of its lists and ranges."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from plandrift.experiments.sweeps.condition import NAMED, Condition, condition
from plandrift.experiments.sweeps.spec import RandomPoints, Spec, line_of
from plandrift.experiments.sweeps.wall_clock_limit import wall_clock_limit
from plandrift.sim import SettingError
from plandrift.sim.usercode.own_code import blamed


def conditions_of(spec: Spec, text: str = "", place: str = "spec") -> list[Condition]:
    """Return every condition of a spec, checked, in the order of its lists.

    Args:
        spec: the spec.
        text: the text it was read from, used to find the line of a mistake.
        place: the name of its file.

    Raises:
        SettingError: a name or a value is wrong, or two conditions are equal.
    """
    spec.check_size(1 if spec.random is None else spec.random.points, place)
    drawn = draw(spec.random) if spec.random is not None else [{}]
    found = []
    seen: set[str] = set()
    for base, group in groups_of(spec):
        for more in drawn:
            one = checked(base | more, spec, text, place)
            if one.id in seen:
                raise SettingError(f"{place}: the condition {group | more} is in it twice")
            seen.add(one.id)
            found.append(one)
    return found


def groups_of(spec: Spec) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each combination of `[grid]` and `[zip]`: all its values, and those that vary."""
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


def checked(values: Mapping[str, Any], spec: Spec, text: str = "", place: str = "spec") -> Condition:
    """Return the condition with these values of `world`, `policy`, `oracle` and settings.

    Raises:
        SettingError: the condition cannot be run; if `text` is given, the message names the line.
    """
    settings = {name: values[name] for name in sorted(values) if name not in NAMED}
    try:
        one = condition(
            str(values["world"]), str(values["policy"]), settings, oracle=bool(values.get("oracle"))
        )
        with wall_clock_limit(), blamed():
            one.parts.world.check()
    except SettingError as error:
        at = f"{place}:{_line(spec, error.name or 'world', text)}" if text else place
        raise SettingError(f"{at}: {error}", name=error.name, problem=error.problem, fix=error.fix) from None
    return one


def draw(random: RandomPoints) -> list[dict[str, Any]]:
    """Return the points of `[random]`; equal seeds give equal points."""
    # Imported here, because scipy.stats takes longer to load than most commands take to run.
    from scipy.stats import qmc

    ranges = random.ranges
    engine = qmc.LatinHypercube if random.method == "latin-hypercube" else qmc.Sobol
    shares = engine(d=len(ranges), rng=random.seed).random(random.points)
    return [
        {name: ranges[name].at(share) for name, share in zip(ranges, row, strict=True)}
        for row in shares.tolist()
    ]


def _line(spec: Spec, name: str, text: str) -> int:
    """Return the line of a setting in the text that the spec was read from."""
    sections = {"grid": spec.grid, "zip": spec.zip, "fixed": spec.fixed}
    if spec.random is not None:
        sections["random"] = dict(spec.random.ranges)
    section = next((title for title, names in sections.items() if name in names), None)
    return line_of(text, [name] if section is None else [section, name])

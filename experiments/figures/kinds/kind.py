"""A kind of figure, and what every kind needs from a sweep first."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plandrift.experiments.analysis.selection import caption, seeds_words, setting_words
from plandrift.experiments.sweeps.plain_values import value_text
from plandrift.experiments.sweeps.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure


PART = "part"
"""The column with a panel's label, used when further settings vary."""


@dataclass(frozen=True)
class FigureKind:
    """A kind of figure that a sweep can be drawn as; call it with the results.

    Attributes:
        name: its name on the command line.
        draw: the function that draws it from results and optional arguments.
        heading: its heading in a report; empty if reports leave it out.
        fits: says whether a report of given results includes it.
    """

    name: str
    draw: Callable[..., Figure]
    heading: str
    fits: Callable[[Results], bool]

    def __call__(self, results: Results, *args: str, **options: str) -> Figure:
        """Draw the figure."""
        return self.draw(results, *args, **options)

    @property
    def about(self) -> str:
        """Return one line on what it shows."""
        return (inspect.getdoc(self.draw) or "").partition("\n")[0]

    @property
    def options(self) -> list[str]:
        """Return the names of its options."""
        return list(inspect.signature(self.draw).parameters)[1:]


def figure_kind(
    name: str, heading: str = "", fits: Callable[[Results], bool] = lambda _: True
) -> Callable[[Callable[..., Figure]], FigureKind]:
    """Turn a drawing function into a `FigureKind`."""
    return lambda draw: FigureKind(name, draw, heading, fits)


def scored(results: Results) -> bool:
    """Say whether the sweep is about effectiveness."""
    return any(one.world == "tileworld" for one in results.manifest.conditions)


def several_policies(results: Results) -> bool:
    """Say whether there are several policies to compare."""
    return len(results.manifest.policies) > 1


def note(results: Results, by: Sequence[str] = (), more: str = "") -> str:
    """Return the small print: world, sample size, fixed settings, what is averaged over or left out.

    Args:
        results: a sweep's results.
        by: the settings that the figure distinguishes.
        more: a further sentence; may be empty.
    """
    manifest = results.manifest
    worlds = ", ".join(dict.fromkeys(one.world for one in manifest.conditions))
    size = seeds_words(results)
    said = [f"world {worlds}, {size} on common random numbers, 95 % intervals", *caption(results, by)]
    fixed = fixed_settings(results)
    return "; ".join([*said, *([f"fixed: {fixed}"] if fixed else []), *([more] if more else [])])


def fixed_settings(results: Results) -> str:
    """Return the settings that were given and are the same in all conditions."""
    first, *rest = [one.given for one in results.manifest.conditions]
    alike = {n: v for n, v in first.items() if all(n in one and one[n] == v for one in rest)}
    return ", ".join(f"{setting_words(name)} {value_text(value)}" for name, value in alike.items())
